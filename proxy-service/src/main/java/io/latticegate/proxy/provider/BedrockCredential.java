package io.latticegate.proxy.provider;

import io.latticegate.proxy.sigv4.AwsKey;
import io.latticegate.proxy.sigv4.SigV4Request;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a stored key proves itself to Bedrock: {@code ACCESS_KEY_ID:SECRET_ACCESS_KEY} or {@code …:SESSION_TOKEN} signs the
 * request, and its secret never travels; anything else is a Bedrock API key and goes as a bearer token.
 */
final class BedrockCredential {
    /** The service for which requests are signed. */
    static final String SERVICE = "bedrock";

    private static final byte[] BEARER = "Bearer ".getBytes(StandardCharsets.US_ASCII);

    private BedrockCredential() {}

    /** Why a key cannot be used, or null. */
    static @Nullable UnusableKey fault(MemorySegment key) {
        boolean good = !AwsKey.isMeant(key) || AwsKey.read(key) != null;
        return good ? null : new UnusableKey("ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN], or a Bedrock API key");
    }

    /** @param request asked for only where the key signs */
    static KeyForm of(MemorySegment key, Supplier<SigV4Request> request) {
        return AwsKey.isMeant(key) ? new Signature(request.get()) : new BearerToken();
    }

    private record Signature(SigV4Request request) implements KeyForm {
        @Override
        public int length(MemorySegment key) {
            return request.authorizationBytes(aws(key));
        }

        @Override
        public void write(MemorySegment key, ByteBuffer into) {
            request.authorize(aws(key), into);
        }

        private static AwsKey aws(MemorySegment key) {
            AwsKey aws = AwsKey.read(key);
            if (aws == null) {
                throw new IllegalArgumentException("no AWS key, which was looked at before");
            }
            return aws;
        }
    }

    private record BearerToken() implements KeyForm {
        @Override
        public int length(MemorySegment key) {
            return BEARER.length + PLAIN.length(key);
        }

        @Override
        public void write(MemorySegment key, ByteBuffer into) {
            into.put(BEARER);
            PLAIN.write(key, into);
        }
    }
}
