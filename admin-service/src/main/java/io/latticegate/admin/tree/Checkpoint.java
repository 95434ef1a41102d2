package io.latticegate.admin.tree;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A head of the tree as text (C2SP tlog-checkpoint): origin, size and root, one to a line. Signed, it becomes a note (C2SP
 * signed-note): an empty line follows, then a line per signature.
 */
record Checkpoint(String origin, long size, byte[] root) {
    private static final int ID_BYTES = 4;

    String text() {
        return origin + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
    }

    /** The signed note. */
    String sign(CheckpointSigner signer) {
        String text = text();
        List<byte[]> signatures = signer.sign(text.getBytes(StandardCharsets.UTF_8));
        StringBuilder note = new StringBuilder(text).append('\n');
        for (int at = 0; at < signatures.size(); at++) {
            ByteArrayOutputStream signed = new ByteArrayOutputStream();
            signed.writeBytes(signer.keys().get(at).id());
            signed.writeBytes(signatures.get(at));
            note.append("— ")
                    .append(signer.keys().get(at).name())
                    .append(' ')
                    .append(Base64.getEncoder().encodeToString(signed.toByteArray()))
                    .append('\n');
        }
        return note.toString();
    }

    /**
     * Reads a note and checks that every one of {@code keys} signed it.
     *
     * @throws TreeDamage when it is malformed or a signature is missing or wrong
     */
    static Checkpoint open(String note, List<LogKey> keys) {
        int end = note.lastIndexOf("\n\n");
        String[] lines = note.substring(0, Math.max(0, end)).split("\n", -1);
        if (lines.length != 3 || !lines[1].matches("0|[1-9][0-9]{0,17}")) {
            throw new TreeDamage("a stored checkpoint is malformed");
        }
        byte[] text = note.substring(0, end + 1).getBytes(StandardCharsets.UTF_8);
        List<String> signatures = note.substring(end + 2).lines().toList();
        for (LogKey key : keys) {
            if (signatures.stream().noneMatch(line -> signed(line, key, text))) {
                throw new TreeDamage("a stored checkpoint of size " + lines[1] + " is not signed by " + key);
            }
        }
        try {
            return new Checkpoint(
                    lines[0], Long.parseLong(lines[1]), Base64.getDecoder().decode(lines[2]));
        } catch (IllegalArgumentException malformed) {
            throw new TreeDamage("a stored checkpoint is malformed");
        }
    }

    private static boolean signed(String line, LogKey key, byte[] text) {
        String prefix = "— " + key.name() + " ";
        if (!line.startsWith(prefix)) {
            return false;
        }
        try {
            byte[] signed = Base64.getDecoder().decode(line.substring(prefix.length()));
            if (signed.length <= ID_BYTES || !Arrays.equals(signed, 0, ID_BYTES, key.id(), 0, ID_BYTES)) {
                return false;
            }
            String kind = key.algorithm() == LogKey.Algorithm.ECDSA_P256 ? "EC" : "ML-DSA-65";
            Signature verification = Signature.getInstance(key.algorithm().jca());
            verification.initVerify(KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(key.spki())));
            verification.update(text);
            return verification.verify(signed, ID_BYTES, signed.length - ID_BYTES);
        } catch (IllegalArgumentException | GeneralSecurityException malformed) {
            return false;
        }
    }
}
