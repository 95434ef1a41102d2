package io.latticegate.common.trace;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.common.export.HttpResponse;
import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.MessageWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Posts the exporter's messages with the JDK's HTTP client: no redirect is followed, no proxy is taken from the environment, no
 * answer's body is read, and nothing is sent twice. A batch that a collector does not take is lost; the next one is tried anew.
 */
final class CollectorSender implements HttpSender {
    private final HttpSenderConfig config;
    private final HttpClient client;

    CollectorSender(HttpSenderConfig config) {
        this.config = config;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(config.getConnectTimeout())
                .build();
    }

    private record Answer(int status) implements HttpResponse {
        @Override
        public int getStatusCode() {
            return status;
        }

        @Override
        public String getStatusMessage() {
            return "";
        }

        @Override
        public byte[] getResponseBody() {
            return new byte[0];
        }
    }

    @Override
    public void send(MessageWriter message, Consumer<HttpResponse> answered, Consumer<Throwable> failed) {
        HttpRequest request;
        try {
            request = request(message);
        } catch (IOException fault) {
            failed.accept(fault);
            return;
        }
        var _ = client.sendAsync(request, BodyHandlers.discarding()).whenComplete((answer, fault) -> {
            if (fault == null) {
                answered.accept(new Answer(answer.statusCode()));
            } else {
                failed.accept(fault);
            }
        });
    }

    private HttpRequest request(MessageWriter message) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        @Nullable Compressor compressor = config.getCompressor();
        try (OutputStream out = compressor == null ? body : compressor.compress(body)) {
            message.writeMessage(out);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(config.getEndpoint())
                .timeout(config.getTimeout())
                .header("Content-Type", config.getContentType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
        if (compressor != null) {
            request.header("Content-Encoding", compressor.getEncoding());
        }
        config.getHeadersSupplier()
                .get()
                .forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        return request.build();
    }

    @Override
    public CompletableResultCode shutdown() {
        client.shutdownNow();
        return CompletableResultCode.ofSuccess();
    }
}
