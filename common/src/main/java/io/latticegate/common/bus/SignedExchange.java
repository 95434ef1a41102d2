package io.latticegate.common.bus;

import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.crypto.Hpke;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.crypto.VerifiedPeer;
import io.latticegate.common.value.SealedSecret;
import io.latticegate.common.value.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Signs and verifies questions and answers with the identity of one service instance (architecture decision 5). Whoever
 * merely joined the cluster cannot ask for a secret, cannot read one that passes by, and cannot pose as the vault.
 *
 * <pre>
 * question content = "latticegate/question/v1" ‖ address ‖ sealing key ‖ issuedAt ‖ nonce ‖ SHA-256(question)
 * reply content    = "latticegate/reply/v1" ‖ address ‖ SHA-256(question content) ‖ SHA-256(reply)
 * </pre>
 *
 * every part preceded by its length as i32. A question is believed for {@link #FRESH_MILLIS} and once per server
 * instance; a repetition elsewhere yields an answer sealed to the same asker, which is no use to the one who repeats it.
 */
public final class SignedExchange {
    /** How far the asker's clock may be off, and how long a question may be under way, in milliseconds. */
    public static final long FRESH_MILLIS = 30_000;

    private static final int NONCES_MAX = 100_000;
    private static final byte[] QUESTION = ascii("latticegate/question/v1");
    private static final byte[] REPLY = ascii("latticegate/reply/v1");
    private static final byte[] SEALING_INFO = ascii("latticegate/reply-secret/v1");

    private final MeshIdentity identity;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<ByteBuffer, Long> seenNonces = new LinkedHashMap<>();

    /** A question or its asker that is refused; the message names the reason and no content. */
    public static final class NotPermitted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public NotPermitted(String message) {
            super(message, null, false, false);
        }
    }

    record Prepared(SignedQuestion question, byte[] questionHash) {}

    record Verified<Q>(Q question, Asker asker, byte[] questionHash) {}

    public SignedExchange(MeshIdentity identity, InstantSource clock, SecureRandom random) {
        this.identity = identity;
        this.clock = clock;
        this.random = random;
    }

    <Q extends Record> Prepared sign(Endpoint<Q, ?> endpoint, Q question) {
        byte[] body = ContractCodec.write(endpoint.request(), question);
        byte[] sealingKey = identity.sealing().publicKey();
        long issuedAt = clock.millis();
        byte[] nonce = new byte[16];
        random.nextBytes(nonce);
        byte[] content = questionContent(endpoint.address(), sealingKey, issuedAt, nonce, body);
        SignedQuestion signed = new SignedQuestion(
                body, identity.certificateDer(), sealingKey, issuedAt, nonce, identity.sign(content));
        return new Prepared(signed, Sha256.of(content));
    }

    <Q extends Record> Verified<Q> verifyQuestion(Endpoint<Q, ?> endpoint, SignedQuestion signed) {
        byte[] content = questionContent(
                endpoint.address(), signed.sealingKey(), signed.issuedAt(), signed.nonce(), signed.question());
        VerifiedPeer peer = identity.trust()
                .verify(signed.certificate(), content, signed.signature())
                .orElseThrow(() -> new NotPermitted("the signature or the certificate is not of this mesh"));
        if (!endpoint.askers().contains(peer.role())) {
            throw new NotPermitted(peer.role().label() + " may not ask " + endpoint.address());
        }
        if (signed.sealingKey().length != SealedSecret.KEY_BYTES || signed.nonce().length != 16) {
            throw new NotPermitted("a sealing key or nonce of the wrong length");
        }
        long age = clock.millis() - signed.issuedAt();
        if (Math.abs(age) > FRESH_MILLIS) {
            throw new NotPermitted("the question is " + age + " ms old; allowed are " + FRESH_MILLIS
                    + " (check that the clocks of the nodes agree)");
        }
        if (!firstUse(signed.nonce())) {
            throw new NotPermitted("the question was asked before");
        }
        byte[] hash = Sha256.of(content);
        Q question = ContractCodec.read(endpoint.request(), signed.question());
        return new Verified<>(question, new Asker(peer, signed.sealingKey(), hash), hash);
    }

    SignedReply signReply(Endpoint<?, ?> endpoint, byte[] questionHash, Object reply) {
        byte[] body = ContractCodec.write(endpoint.reply(), reply);
        return new SignedReply(
                body, identity.certificateDer(), identity.sign(replyContent(endpoint.address(), questionHash, body)));
    }

    <R> R verifyReply(Endpoint<?, R> endpoint, Prepared question, SignedReply signed) {
        byte[] content = replyContent(endpoint.address(), question.questionHash(), signed.reply());
        boolean byServer = identity.trust()
                .verify(signed.certificate(), content, signed.signature())
                .filter(peer -> peer.role() == endpoint.server())
                .isPresent();
        if (!byServer) {
            throw new BusFault(
                    BusFault.Kind.UNTRUSTED_REPLY,
                    endpoint.address() + ": the answer is not signed by "
                            + endpoint.server().label());
        }
        return ContractCodec.read(endpoint.reply(), signed.reply());
    }

    Secret open(byte[] questionHash, SealedSecret sealed) {
        return Hpke.open(identity.sealing(), SEALING_INFO, questionHash, sealed)
                .orElseThrow(() -> new BusFault(
                        BusFault.Kind.UNTRUSTED_REPLY, "a sealed secret that does not open with this node's key"));
    }

    static byte[] sealingInfo() {
        return SEALING_INFO.clone();
    }

    private synchronized boolean firstUse(byte[] nonce) {
        long now = clock.millis();
        var oldest = seenNonces.entrySet().iterator();
        while (oldest.hasNext()) {
            var entry = oldest.next();
            if (now - entry.getValue() <= 2 * FRESH_MILLIS && seenNonces.size() < NONCES_MAX) {
                break;
            }
            oldest.remove();
        }
        return seenNonces.putIfAbsent(ByteBuffer.wrap(nonce.clone()), now) == null;
    }

    private static byte[] questionContent(
            String address, byte[] sealingKey, long issuedAt, byte[] nonce, byte[] question) {
        return joined(
                QUESTION,
                address.getBytes(StandardCharsets.UTF_8),
                sealingKey,
                ByteBuffer.allocate(Long.BYTES).putLong(issuedAt).array(),
                nonce,
                Sha256.of(question));
    }

    private static byte[] replyContent(String address, byte[] questionHash, byte[] reply) {
        return joined(REPLY, address.getBytes(StandardCharsets.UTF_8), questionHash, Sha256.of(reply));
    }

    private static byte[] joined(byte[]... parts) {
        int length = Arrays.stream(parts)
                .mapToInt(part -> Integer.BYTES + part.length)
                .sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.putInt(part.length).put(part);
        }
        return all.array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
