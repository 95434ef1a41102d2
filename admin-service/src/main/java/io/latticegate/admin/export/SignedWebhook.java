package io.latticegate.admin.export;

import io.latticegate.common.config.SignedWebhookConfig;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Posts messages to a service of the operator's, signed with HMAC-SHA-256 over the time and the body. An answer of 200 to 299
 * takes the message over; its body is not read.
 */
public final class SignedWebhook implements Sink, AutoCloseable {
    /** {@code t=<seconds>,v1=<hex>}; what is signed is {@code <seconds>.<body>}. */
    public static final String SIGNATURE_HEADER = "X-Latticegate-Signature";

    /** The same for every attempt with one message, so that the receiver knows it again. */
    public static final String DELIVERY_HEADER = "X-Latticegate-Delivery";

    private final SignedWebhookConfig config;
    private final InstantSource clock;
    private final CheckedPost post;

    public SignedWebhook(Vertx vertx, SignedWebhookConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        post = new CheckedPost(vertx, "the webhook", config.url(), config.scope(), config.timeout(), 0);
    }

    @Override
    public void deliver(Batch batch) throws NotDelivered {
        post("application/x-ndjson", batch.id(), batch.text().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Posts one message and waits for the answer; call on a virtual thread.
     *
     * @param id of the message, the same for every attempt
     * @throws NotDelivered when it was not taken over, or may not have been
     */
    public void post(String contentType, String id, byte[] body) throws NotDelivered {
        long seconds = clock.instant().getEpochSecond();
        CheckedPost.Answer answer = post.post(
                Map.of(
                        "Content-Type",
                        contentType,
                        DELIVERY_HEADER,
                        id,
                        SIGNATURE_HEADER,
                        "t=" + seconds + ",v1=" + signature(seconds, body)),
                body);
        if (!answer.taken()) {
            throw new NotDelivered("the webhook answered with status " + answer.status());
        }
    }

    private String signature(long seconds, byte[] body) {
        return config.secret().require().expose(key -> {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
                return HexFormat.of().formatHex(mac.doFinal(body));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException("every JDK has HMAC-SHA-256", impossible);
            }
        });
    }

    @Override
    public void close() {
        post.close();
    }
}
