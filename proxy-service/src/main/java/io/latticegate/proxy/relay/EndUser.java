package io.latticegate.proxy.relay;

import io.latticegate.common.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The end user whom a client names ({@code user} of OpenAI's API, {@code metadata.user_id} of Anthropic's). Only a hash is held,
 * since the name may be anybody's mail address. A project's users can be told apart and counted by it, and who knows a name can
 * find its figures, but users of different projects cannot be matched.
 */
public final class EndUser {
    private static final String DOMAIN = "latticegate/end-user/1";
    private static final int PSEUDONYM_BYTES = 16;

    private final byte[] digest;

    private EndUser(byte[] digest) {
        this.digest = digest;
    }

    /** The user of that name, or null for none. */
    static @Nullable EndUser of(@Nullable String name) {
        return name == null || name.isEmpty() ? null : new EndUser(Sha256.of(name.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * {@code u_} and the first 16 bytes, in base64url, of SHA-256 over a fixed text, the project's id and SHA-256 of the name,
     * with a zero byte after each text.
     */
    public String pseudonym(String projectId) {
        byte[] head = (DOMAIN + "\0" + projectId + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] text = Arrays.copyOf(head, head.length + digest.length);
        System.arraycopy(digest, 0, text, head.length, digest.length);
        return "u_"
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(Arrays.copyOf(Sha256.of(text), PSEUDONYM_BYTES));
    }

    /** Never the name. */
    @Override
    public String toString() {
        return "EndUser";
    }
}
