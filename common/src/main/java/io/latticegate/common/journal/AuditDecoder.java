package io.latticegate.common.journal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Reads what {@link AuditEncoder} wrote, also what a newer version of it wrote. */
public final class AuditDecoder {
    private final byte[] bytes;
    private final Map<String, String> metadata = new HashMap<>();
    private int at = 1;
    private AuditPhase phase = AuditPhase.BEGIN;
    private AuditActor.Kind actorKind = AuditActor.Kind.ANONYMOUS;
    private String actorId = "";
    private String action = "";
    private long timestampMicros;

    private AuditDecoder(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The record.
     *
     * @throws IllegalArgumentException if these are not the bytes of an audit record
     */
    public static AuditRecord decode(byte[] bytes) {
        if (bytes.length < 1 || bytes.length > AuditEncoder.MAX_ENCODED_BYTES || bytes[0] != AuditEncoder.VERSION) {
            throw new IllegalArgumentException("not an audit record: " + bytes.length + " bytes"
                    + (bytes.length == 0 ? "" : ", version " + bytes[0]));
        }
        return new AuditDecoder(bytes).record();
    }

    private AuditRecord record() {
        AuditRecord.Builder builder = AuditRecord.builder(AuditPhase.BEGIN, "", 0);
        while (at < bytes.length) {
            long tag = varint();
            int field = (int) Math.min(tag >>> 1, Integer.MAX_VALUE);
            if ((tag & 1) == AuditEncoder.VARINT) {
                number(builder, field, varint());
            } else {
                text(builder, field, length());
            }
        }
        return builder.phase(phase, timestampMicros)
                .action(action)
                .actor(new AuditActor(actorKind, actorId))
                .metadata(metadata)
                .build();
    }

    private void number(AuditRecord.Builder builder, int field, long value) {
        switch (field) {
            case AuditEncoder.PHASE -> phase = constant(AuditPhase.values(), AuditPhase::code, value);
            case AuditEncoder.ACTOR_KIND ->
                actorKind = constant(AuditActor.Kind.values(), AuditActor.Kind::code, value);
            case AuditEncoder.OUTCOME -> builder.outcome(constant(AuditOutcome.values(), AuditOutcome::code, value));
            case AuditEncoder.TIMESTAMP_MICROS -> timestampMicros = value;
            case AuditEncoder.STATUS -> builder.status(count(value));
            case AuditEncoder.TOKENS_IN -> builder.tokensIn(value);
            case AuditEncoder.TOKENS_OUT -> builder.tokensOut(value);
            case AuditEncoder.TOKENS_CACHED -> builder.tokensCached(value);
            case AuditEncoder.USAGE_ESTIMATED -> builder.usageEstimated(value != 0);
            case AuditEncoder.COST_MICRO_USD -> builder.costMicroUsd(value);
            case AuditEncoder.ATTEMPTS -> builder.attempts(count(value));
            case AuditEncoder.ELAPSED_MICROS -> builder.elapsedMicros(value);
            default -> {}
        }
    }

    private void text(AuditRecord.Builder builder, int field, int length) {
        int end = at + length;
        switch (field) {
            case AuditEncoder.ACTION -> action = utf8(end);
            case AuditEncoder.ACTOR_ID -> actorId = utf8(end);
            case AuditEncoder.REQUEST_ID -> builder.requestId(utf8(end));
            case AuditEncoder.CORRELATION_ID -> builder.correlationId(utf8(end));
            case AuditEncoder.PROJECT_ID -> builder.projectId(utf8(end));
            case AuditEncoder.TOKEN_ID -> builder.tokenId(utf8(end));
            case AuditEncoder.CLIENT_IP -> builder.clientIp(utf8(end));
            case AuditEncoder.METHOD -> builder.method(utf8(end));
            case AuditEncoder.PATH -> builder.path(utf8(end));
            case AuditEncoder.USER_AGENT -> builder.userAgent(utf8(end));
            case AuditEncoder.SURFACE -> builder.surface(utf8(end));
            case AuditEncoder.MODEL -> builder.model(utf8(end));
            case AuditEncoder.PROVIDER -> builder.provider(utf8(end));
            case AuditEncoder.CREDENTIAL_SOURCE -> builder.credentialSource(utf8(end));
            case AuditEncoder.KEY_FINGERPRINT -> builder.keyFingerprint(utf8(end));
            case AuditEncoder.REASON -> builder.reason(utf8(end));
            case AuditEncoder.METADATA -> {
                int keyLength = length();
                if (keyLength > end - at) {
                    throw malformed("metadata key");
                }
                metadata.put(utf8(at + keyLength), utf8(end));
            }
            default -> {}
        }
        at = end;
    }

    private static int count(long value) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("audit record with number " + value + "; allowed: 0 to 2147483647");
        }
        return (int) value;
    }

    private static <E> E constant(E[] values, ToIntFunction<E> code, long number) {
        for (E value : values) {
            if (code.applyAsInt(value) == number) {
                return value;
            }
        }
        throw new IllegalArgumentException(
                "audit record with constant " + number + "; known are " + values.length + ": is its writer newer?");
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= bytes.length) {
                throw malformed("number");
            }
            byte part = bytes[at++];
            value |= (part & 127L) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw malformed("number");
    }

    private int length() {
        long length = varint();
        if (length < 0 || length > bytes.length - at) {
            throw malformed("length");
        }
        return (int) length;
    }

    private String utf8(int end) {
        if (isPrintableAscii(end)) {
            String text = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
            at = end;
            return text;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, end - at))
                    .toString();
            if (text.chars().anyMatch(Character::isISOControl)) {
                throw malformed("text: a control character");
            }
            at = end;
            return text;
        } catch (CharacterCodingException _) {
            throw malformed("text");
        }
    }

    private boolean isPrintableAscii(int end) {
        for (int i = at; i < end; i++) {
            if (bytes[i] < ' ' || bytes[i] == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException("audit record with a malformed " + what + " at byte " + at);
    }
}
