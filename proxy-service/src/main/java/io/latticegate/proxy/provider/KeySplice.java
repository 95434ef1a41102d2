package io.latticegate.proxy.provider;

import io.latticegate.proxy.lease.KeyLease;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Puts a provider key into an outgoing request after HTTP encoding, so that the key is never a header value on the Java
 * heap nor in a pooled buffer. The request carries {@link #MARKER} where the key belongs; this handler, which stands
 * between the HTTP codec and the socket (or TLS), writes the bytes before the marker, the key from memory of its own, and
 * the bytes after it, and zeroes its memory once they are written.
 *
 * <p>One instance per connection. HTTP/1.1 without pipelining: at most one armed key at a time. A request that was armed
 * but shows no marker in its head fails instead of going out without a key.
 */
public final class KeySplice extends ChannelOutboundHandlerAdapter {
    /** Stands for the key. Random per process, so that no client can place it. */
    public static final String MARKER = "key-" + randomHex();

    private static final byte[] MARKER_BYTES = MARKER.getBytes(StandardCharsets.US_ASCII);

    private @Nullable KeyLease armed;
    private KeyForm form = KeyForm.PLAIN;

    /** The next request head written on this connection receives the key of {@code lease}, which the caller keeps held. */
    public void arm(KeyLease lease) {
        arm(lease, KeyForm.PLAIN);
    }

    /** The same with what {@code form} makes of the key. */
    public void arm(KeyLease lease, KeyForm form) {
        armed = lease;
        this.form = form;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        KeyLease lease = armed;
        if (lease == null || !(message instanceof ByteBuf encoded)) {
            var unused = context.write(message, promise);
            return;
        }
        armed = null;
        int marker = indexOfMarker(encoded);
        if (marker < 0) {
            encoded.release();
            promise.setFailure(new IllegalStateException("a request head without a place for its key"));
            return;
        }
        int length = form.length(lease.key());
        ByteBuf key = Unpooled.directBuffer(length, length);
        form.write(lease.key(), key.internalNioBuffer(0, length));
        key.writerIndex(length);
        key.retain();
        ByteBuf before = encoded.readRetainedSlice(marker - encoded.readerIndex());
        encoded.skipBytes(MARKER_BYTES.length);

        var unusedBefore = context.write(before);
        var unusedKey = context.write(key).addListener(written -> {
            key.setZero(0, length);
            key.release();
        });
        var unusedRest = context.write(encoded, promise);
    }

    private static int indexOfMarker(ByteBuf encoded) {
        return ByteBufUtil.indexOf(Unpooled.wrappedBuffer(MARKER_BYTES), encoded);
    }

    private static String randomHex() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
