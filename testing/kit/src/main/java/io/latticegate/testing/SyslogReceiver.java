package io.latticegate.testing;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A syslog server on a socket: TLS, octet counting, and a connection that it can drop in the middle of a message. */
public final class SyslogReceiver implements AutoCloseable {
    /** What came over connections that have ended. */
    public final List<String> messages = new CopyOnWriteArrayList<>();

    /** How many bytes it still takes before it drops a connection without a word; negative: it never does. */
    public final AtomicInteger bytesLeft = new AtomicInteger(-1);

    private final SSLSocketFactory layers;
    private final ServerSocket server;

    /**
     * @param folder with tls.crt and tls.key
     * @param port 0: any free one
     */
    public SyslogReceiver(Path folder, int port) {
        try {
            var context = ((JdkSslContext) SslContextBuilder.forServer(
                                    folder.resolve("tls.crt").toFile(),
                                    folder.resolve("tls.key").toFile())
                            .sslProvider(SslProvider.JDK)
                            .build())
                    .context();
            layers = context.getSocketFactory();
            server = new ServerSocket(port, 50, InetAddress.ofLiteral("127.0.0.1"));
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        Thread.ofPlatform().daemon().start(this::serve);
    }

    /** Where it listens, on 127.0.0.1. */
    public int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket plain = server.accept()) {
                read(plain);
            } catch (IOException gone) {
                // The connection was dropped, or the server is closed.
            }
        }
    }

    /** A dropped connection is reset below TLS, so that no close_notify tells the other side of an orderly end. */
    private void read(Socket plain) throws IOException {
        SSLSocket tls = (SSLSocket) layers.createSocket(plain, InputStream.nullInputStream(), false);
        InputStream in = tls.getInputStream();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        byte[] some = new byte[4_096];
        for (int read = in.read(some); read >= 0; read = in.read(some)) {
            received.write(some, 0, read);
            if (bytesLeft.get() >= 0 && received.size() > bytesLeft.get()) {
                plain.setSoLinger(true, 0);
                throw new IOException("dropped");
            }
        }
        split(received.toByteArray());
        tls.close();
    }

    private void split(byte[] frames) {
        int at = 0;
        while (at < frames.length) {
            int space = at;
            while (frames[space] != ' ') {
                space++;
            }
            int length = Integer.parseInt(new String(frames, at, space - at, StandardCharsets.US_ASCII));
            messages.add(new String(frames, space + 1, length, StandardCharsets.UTF_8));
            at = space + 1 + length;
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
