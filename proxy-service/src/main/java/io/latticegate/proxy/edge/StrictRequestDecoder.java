package io.latticegate.proxy.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.VertxConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's request decoder, made to refuse what it would repair: {@link HeadScan} judges every head before it is parsed,
 * and a message is framed in one unambiguous way, by one {@code Content-Length} or by {@code Transfer-Encoding: chunked}
 * and nothing else (RFC 9112 section 6). What is refused reaches the invalid-request handler, and nothing after it is read
 * from the connection.
 */
public final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    private final HeadScan scan = new HeadScan();
    private boolean inHead = true;
    private boolean refused;
    private int scanned;
    private @Nullable String target;

    private StrictRequestDecoder(Http1ServerConfig limits) {
        super(limits);
    }

    /** A head that could be read in two ways. */
    static final class Ambiguous extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        Ambiguous(String message) {
            super(message);
        }
    }

    /** Takes the place of the decoder of a connection on which nothing has been read; {@code limits} bound line and head. */
    public static void install(HttpConnection connection, Http1ServerConfig limits) {
        ChannelPipeline pipeline = ((VertxConnection) connection).channel().pipeline();
        String name = pipeline.context(HttpObjectDecoder.class).name();
        pipeline.replace(name, name, new StrictRequestDecoder(limits));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (inHead) {
            String fault = scanHead(in);
            if (fault != null) {
                refused = true;
                in.skipBytes(in.readableBytes());
                out.add(refusal(new Ambiguous(fault)));
                return;
            }
        }
        int before = in.readerIndex();
        int sizeBefore = out.size();
        super.decode(context, in, out);
        scanned = Math.max(0, scanned - (in.readerIndex() - before));
        for (int i = sizeBefore; i < out.size(); i++) {
            if (out.get(i) instanceof io.netty.handler.codec.http.HttpObject object
                    && object.decoderResult().isFailure()) {
                refused = true;
            } else if (out.get(i) instanceof LastHttpContent) {
                inHead = true;
                scan.begin();
                scanned = 0;
                target = null;
            }
        }
    }

    private @Nullable String scanHead(ByteBuf in) {
        int at = in.readerIndex() + scanned;
        while (at < in.writerIndex()) {
            String fault = scan.take(in.getByte(at++));
            if (fault != null) {
                return fault;
            }
            if (scan.ended()) {
                inHead = false;
                break;
            }
        }
        scanned = at - in.readerIndex();
        return null;
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        target = initialLine[1];
        HttpMessage message = super.createMessage(initialLine);
        if (!message.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !message.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            throw new Ambiguous("only HTTP/1.1 and HTTP/1.0 are spoken here");
        }
        return message;
    }

    @Override
    protected HttpMessage createInvalidMessage() {
        return refusal(new Ambiguous("malformed request"));
    }

    /** Called once per request with all its headers, before they decide how the body is framed. */
    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        List<String> encodings = message.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!encodings.isEmpty()) {
            if (message.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
                throw new Ambiguous("Content-Length and Transfer-Encoding exclude each other");
            }
            if (encodings.size() > 1 || !encodings.getFirst().equalsIgnoreCase("chunked")) {
                throw new Ambiguous("the only transfer coding taken is chunked");
            }
            if (!message.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                throw new Ambiguous("Transfer-Encoding needs HTTP/1.1");
            }
        }
        List<String> lengths = message.headers().getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (lengths.size() > 1 || !lengths.isEmpty() && !lengths.getFirst().matches("[0-9]{1,18}")) {
            throw new Ambiguous("Content-Length must be given once and be a whole number");
        }
        List<String> hosts = message.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && message.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            throw new Ambiguous("Host must be given once");
        }
        return super.isContentAlwaysEmpty(message);
    }

    /** Stands for a request that cannot be read, under the target that it named, if that was readable. */
    private FullHttpRequest refusal(Ambiguous fault) {
        String path = target != null && target.startsWith("/") ? target : "/";
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, path);
        request.setDecoderResult(DecoderResult.failure(fault));
        return request;
    }
}
