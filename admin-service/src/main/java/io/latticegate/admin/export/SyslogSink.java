package io.latticegate.admin.export;

import io.latticegate.common.config.AuditExportConfig;
import io.latticegate.common.egress.EgressScope;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Sends events as syslog messages (RFC 5424) over TLS (RFC 5425), with octet counting. Syslog has no acknowledgement, so each
 * batch has a connection of its own: after the last message this side closes its direction with {@code close_notify}, and the
 * batch counts as taken over when the receiver, which then must close as well (RFC 5425, section 4.4), has done so. A
 * connection that breaks instead is a batch that is sent again.
 *
 * <p>Facility 13 (log audit), severity 6, or 4 for what was refused or failed. The text of a message is the event's line.
 */
public final class SyslogSink implements Sink {
    private static final int FACILITY = 13;
    private static final int INFORMATIONAL = 6;
    private static final int WARNING = 4;
    private static final int MESSAGE_ID_MAX = 32;
    private static final int ANSWER_BYTES_MAX = 64 * 1024;

    private final Vertx vertx;
    private final AuditExportConfig.Syslog config;

    public SyslogSink(Vertx vertx, AuditExportConfig.Syslog config) {
        this.vertx = vertx;
        this.config = config;
    }

    @Override
    public void deliver(Batch batch) throws NotDelivered {
        try (Socket plain = new Socket()) {
            long timer = vertx.setTimer(config.timeout().toMillis(), late -> close(plain));
            try {
                send(plain, frames(batch));
            } finally {
                vertx.cancelTimer(timer);
            }
        } catch (IOException failed) {
            throw new NotDelivered("the syslog receiver did not take the batch over: "
                    + failed.getClass().getSimpleName() + ": " + failed.getMessage());
        }
    }

    private void send(Socket plain, byte[] frames) throws IOException, NotDelivered {
        String host = config.address().host();
        InetAddress address = CheckedAddress.of(host, EgressScope.PUBLIC_AND_PRIVATE);
        int millis = Math.toIntExact(config.timeout().toMillis());
        plain.connect(new InetSocketAddress(address, config.address().port()), millis);
        plain.setSoTimeout(millis);
        try (SSLSocket tls = (SSLSocket) context()
                .getSocketFactory()
                .createSocket(plain, host, config.address().port(), false)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            tls.getOutputStream().write(frames);
            tls.getOutputStream().flush();
            tls.shutdownOutput();
            awaitClose(tls.getInputStream());
        }
    }

    private static void awaitClose(InputStream answer) throws IOException {
        byte[] ignored = new byte[1_024];
        int left = ANSWER_BYTES_MAX;
        for (int read = answer.read(ignored); read >= 0; read = answer.read(ignored)) {
            left -= read;
            if (left < 0) {
                throw new IOException("a syslog receiver has nothing to say, and this one does not stop");
            }
        }
    }

    /** Made anew each time, so that certificates may be renewed on disk. */
    private SSLContext context() throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        File authority = file(config.authority());
        File certificate = file(config.certificate());
        File key = file(config.key());
        try {
            if (authority != null) {
                builder.trustManager(authority);
            }
            if (certificate != null && key != null) {
                builder.keyManager(certificate, key);
            }
            return ((JdkSslContext) builder.build()).context();
        } catch (IllegalArgumentException unusable) {
            throw new IOException("ca, certificate or key of audit.export.syslog cannot be used", unusable);
        }
    }

    private static @Nullable File file(@Nullable Path path) {
        return path == null ? null : path.toFile();
    }

    private static byte[] frames(Batch batch) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (Line line : batch.lines()) {
            byte[] message = message(line).getBytes(StandardCharsets.UTF_8);
            frames.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
            frames.writeBytes(message);
        }
        return frames.toByteArray();
    }

    private static String message(Line line) {
        int priority = FACILITY * 8 + (line.failed() ? WARNING : INFORMATIONAL);
        Instant time = Instant.EPOCH.plus(line.timeMicros(), ChronoUnit.MICROS);
        String messageId = line.action().replaceAll("[^!-~]", "_");
        return "<" + priority + ">1 " + time + " - latticegate audit "
                + (messageId.isEmpty() ? "-" : messageId.substring(0, Math.min(messageId.length(), MESSAGE_ID_MAX)))
                + " - " + line.json();
    }

    private static void close(Socket plain) {
        try {
            plain.close();
        } catch (IOException closed) {
            // It is closed, which is all that was wanted.
        }
    }
}
