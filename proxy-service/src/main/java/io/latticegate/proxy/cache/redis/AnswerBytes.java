package io.latticegate.proxy.cache.redis;

import io.latticegate.proxy.cache.StoredAnswer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A {@link StoredAnswer} as bytes: a format number, the texts each after its length (-1 for none), cost and two times, then the
 * body. Only ever read after it was authenticated, so that a fault here means another version of this program.
 */
final class AnswerBytes {
    private static final int FORMAT = 2;
    private static final int TEXT_BYTES_MAX = 64 << 10;

    static byte[] write(StoredAnswer answer) {
        var bytes = new ByteArrayOutputStream(answer.body().length + 512);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeBoolean(answer.stream());
            text(out, answer.contentType());
            text(out, answer.droppedFields());
            text(out, answer.projectId());
            text(out, answer.method());
            text(out, answer.path());
            text(out, answer.provider());
            text(out, answer.keyFingerprint());
            text(out, answer.entityTag());
            out.writeLong(answer.costMicroUsd());
            out.writeLong(answer.storedAt());
            out.writeLong(answer.expiresAt());
            out.write(answer.body());
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing into memory failed", impossible);
        }
        return bytes.toByteArray();
    }

    /** The answer, or null where {@code bytes} are none of this format. */
    static @Nullable StoredAnswer read(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readUnsignedByte() != FORMAT) {
                return null;
            }
            boolean stream = in.readBoolean();
            String contentType = required(in);
            String droppedFields = text(in);
            String projectId = required(in);
            String method = required(in);
            String path = required(in);
            String provider = required(in);
            String keyFingerprint = required(in);
            String entityTag = required(in);
            long costMicroUsd = in.readLong();
            long storedAt = in.readLong();
            long expiresAt = in.readLong();
            return new StoredAnswer(
                    in.readAllBytes(),
                    contentType,
                    stream,
                    droppedFields,
                    projectId,
                    method,
                    path,
                    provider,
                    keyFingerprint,
                    entityTag,
                    costMicroUsd,
                    storedAt,
                    expiresAt);
        } catch (IOException other) {
            return null;
        }
    }

    private static void text(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static @Nullable String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > TEXT_BYTES_MAX) {
            throw new IOException("a text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String required(DataInputStream in) throws IOException {
        String text = text(in);
        if (text == null) {
            throw new IOException("a text is missing");
        }
        return text;
    }

    private AnswerBytes() {}
}
