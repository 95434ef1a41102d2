package io.latticegate.common.contract;

import static java.time.Duration.ofMillis;

import io.latticegate.common.value.Allowance;
import io.latticegate.common.value.ServiceRole;
import io.latticegate.common.value.TokenDigest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that other services may ask auth-service. Times are UTC milliseconds since 1970 unless named otherwise. */
public final class AuthApi {
    public static final Endpoint<LeaseRequest, LeaseReply> LEASE =
            new Endpoint<>("auth.lease.v1", LeaseRequest.class, LeaseReply.class, ofMillis(1_000), ServiceRole.AUTH);
    public static final Endpoint<Settlement, Settled> SETTLE =
            new Endpoint<>("auth.settle.v1", Settlement.class, Settled.class, ofMillis(2_000), ServiceRole.AUTH);
    public static final Endpoint<WalletClaim, WalletReply> ADMIT_WALLET = new Endpoint<>(
            "auth.admit-wallet.v1", WalletClaim.class, WalletReply.class, ofMillis(1_000), ServiceRole.AUTH);
    public static final Endpoint<NonceQuestion, NonceAnswer> NEXT_NONCE = new Endpoint<>(
            "auth.next-nonce.v1", NonceQuestion.class, NonceAnswer.class, ofMillis(1_000), ServiceRole.AUTH);

    public static final Endpoint<CreateProject, ProjectReply> CREATE_PROJECT =
            managed("auth.create-project.v1", CreateProject.class, ProjectReply.class);
    public static final Endpoint<GetProject, ProjectReply> GET_PROJECT =
            managed("auth.get-project.v1", GetProject.class, ProjectReply.class);
    public static final Endpoint<ListProjects, ProjectList> LIST_PROJECTS =
            managed("auth.list-projects.v1", ListProjects.class, ProjectList.class);
    public static final Endpoint<UpdateProject, ProjectReply> UPDATE_PROJECT =
            managed("auth.update-project.v1", UpdateProject.class, ProjectReply.class);
    public static final Endpoint<CreateToken, TokenReply> CREATE_TOKEN =
            managed("auth.create-token.v1", CreateToken.class, TokenReply.class);
    public static final Endpoint<GetToken, TokenReply> GET_TOKEN =
            managed("auth.get-token.v1", GetToken.class, TokenReply.class);
    public static final Endpoint<ListTokens, TokenList> LIST_TOKENS =
            managed("auth.list-tokens.v1", ListTokens.class, TokenList.class);
    public static final Endpoint<UpdateToken, TokenReply> UPDATE_TOKEN =
            managed("auth.update-token.v1", UpdateToken.class, TokenReply.class);
    public static final Endpoint<RevokeProjectTokens, RevokedCounts> REVOKE_PROJECT_TOKENS =
            managed("auth.revoke-project-tokens.v1", RevokeProjectTokens.class, RevokedCounts.class);

    /** Tells every edge to drop its leases of a token or of a whole project. */
    public static final Broadcast<Revoked> REVOKED =
            new Broadcast<>("auth.revoked.v1", Revoked.class, ServiceRole.AUTH);

    /** Most rows in one listing; a caller pages with {@code after}. */
    public static final int PAGE_SIZE_MAX = 500;

    private static final int TAG_BYTES = 8;

    /**
     * Asks for the right to spend on behalf of a token.
     *
     * @param node the edge that will spend
     * @param token digest of the bearer token
     * @param wanted what is needed now; auth-service may grant more when there is plenty, never less
     */
    public record LeaseRequest(String node, TokenDigest token, Allowance wanted) {}

    /** The answer to {@link LeaseRequest}. */
    public sealed interface LeaseReply {
        /**
         * @param block already deducted from the token's limits; what is not settled when the lease ends returns
         * @param validForMillis counted by the receiver from the moment of asking, at most 1,000
         */
        record Granted(String leaseId, String tokenId, String projectId, Allowance block, long validForMillis)
                implements LeaseReply {}

        /** @param tokenId and projectId where the token is known, for the audit */
        record Refused(
                Refusal refusal,
                @Nullable String tokenId,
                @Nullable String projectId) implements LeaseReply {}
    }

    /** Why a token is refused; the names are those of the wire format (lower case). */
    public enum Refusal {
        TOKEN_NOT_FOUND,
        TOKEN_INACTIVE,
        TOKEN_EXPIRED,
        PROJECT_INACTIVE,
        RATE_LIMIT_EXCEEDED
    }

    /** What an edge has spent from its leases, cumulative per lease, so that repeating a settlement changes nothing. */
    public record Settlement(String node, List<LeaseUse> uses) {}

    /**
     * One lease in a {@link Settlement}. Each report is also a sign of life: a lease that is not reported for longer than
     * the ledger's grace period is closed as lost.
     *
     * @param spent total since the lease was granted
     * @param kept what stays set aside for requests in flight or to come; the rest of the block returns
     * @param lastUsedAt time of the last request under the lease, 0 when there was none
     * @param ended nothing more will be spent: {@code kept} is nothing and the lease is closed
     */
    public record LeaseUse(String leaseId, Allowance spent, Allowance kept, long lastUsedAt, boolean ended) {}

    /** @param unknown leases that auth-service had already closed as lost; their whole block counts as spent */
    public record Settled(List<String> unknown) {}

    /** What a wallet signed. */
    public enum WalletAction {
        LLM_REQUEST,
        VAULT_STORE,
        VAULT_DELETE,
        USAGE_QUERY
    }

    /**
     * A signed request whose typed data the edge has checked against the server's constants and hashed.
     *
     * @param digest 32-byte EIP-712 digest
     * @param signature as sent, 64 or 65 bytes
     * @param claimedWallet {@code message.wallet}, lower-case hex; null for the legacy VaultStore, which names none
     * @param nonce null for the legacy VaultStore, whose digest is the single-use value, and for a UsageQuery, which changes
     *     nothing
     * @param timestampSeconds as signed
     */
    public record WalletClaim(
            WalletAction action,
            byte[] digest,
            byte[] signature,
            @Nullable String claimedWallet,
            @Nullable BigInteger nonce,
            BigInteger timestampSeconds) {}

    /** The answer to {@link WalletClaim}. */
    public sealed interface WalletReply {
        /** @param wallet the recovered signer, lower-case hex */
        record Admitted(String wallet) implements WalletReply {}

        /**
         * @param code stable and machine-readable
         * @param detail text for the client, with the wording that its protocol promises
         * @param expectedNonce smallest nonce that would be accepted, where the nonce was the reason
         * @param retryAfterMillis 0 where waiting does not help
         */
        record Rejected(
                WalletRefusal refusal,
                String code,
                String detail,
                @Nullable Long expectedNonce,
                long serverTimeSeconds,
                long retryAfterMillis)
                implements WalletReply {}
    }

    /** @param wallet lower-case hex */
    public record NonceQuestion(String wallet) {}

    /**
     * What a wallet should sign next.
     *
     * @param nonce smallest nonce that would be accepted
     * @param window how many unused nonces are kept apart above the low-water mark; 1 where they must rise strictly
     */
    public record NonceAnswer(long nonce, int window, long serverTimeSeconds) {}

    /** Why a wallet's request is refused. */
    public enum WalletRefusal {
        INVALID_SIGNATURE,
        INVALID_NONCE,
        EXPIRED,
        RATE_LIMITED,
        STATE_LOST
    }

    /** A project as managers see it; provider keys live in vault-service. */
    public record Project(
            String id,
            String name,
            boolean active,
            @Nullable Long deactivatedAt,
            long createdAt,
            long updatedAt) {
        /** Names what may be changed of it: the same as long as nothing was. */
        public String tag() {
            return tagOf(name, Boolean.toString(active));
        }
    }

    /** A token as managers see it; the token itself is not stored anywhere. */
    public record Token(
            String id,
            String obfuscated,
            String projectId,
            long expiresAt,
            boolean active,
            long requestCount,
            long tokenCount,
            long microUsd,
            Allowance limits,
            long createdAt,
            @Nullable Long lastUsedAt) {
        /** Names what may be changed of it: the same as long as nothing was, however much it is used. */
        public String tag() {
            return tagOf(Boolean.toString(active), Long.toString(limits.requests()));
        }
    }

    public record CreateProject(String name) {}

    public record GetProject(String id) {}

    public record ListProjects(@Nullable String afterId) {}

    public record ProjectList(List<Project> projects, boolean more) {}

    /**
     * @param revokeTokens allowed only together with {@code active = false}
     * @param ifTag nothing is changed unless this is the project's {@link Project#tag}; null: whatever it is
     */
    public record UpdateProject(
            String id,
            @Nullable String name,
            @Nullable Boolean active,
            boolean revokeTokens,
            @Nullable String ifTag) {
        /** Whatever the project's tag is. */
        public UpdateProject(String id, @Nullable String name, @Nullable Boolean active, boolean revokeTokens) {
            this(id, name, active, revokeTokens, null);
        }
    }

    /** The answer to questions about one project. */
    public sealed interface ProjectReply {
        record Found(Project project) implements ProjectReply {}

        record NotFound() implements ProjectReply {}

        /** It has another tag; nothing was changed. */
        record ProjectChanged() implements ProjectReply {}
    }

    /**
     * @param digest of the token, which the asker made from 128 random bits and shows once
     * @param obfuscated what may be shown later
     * @param limits over the token's whole life
     */
    public record CreateToken(
            String projectId, TokenDigest digest, String obfuscated, long durationMinutes, Allowance limits) {}

    public record GetToken(String id) {}

    /** @param projectId null for all projects */
    public record ListTokens(
            @Nullable String projectId,
            boolean activeOnly,
            @Nullable String afterId) {}

    public record TokenList(List<Token> tokens, boolean more) {}

    /** @param maxRequests null = unchanged, {@link Allowance#UNLIMITED} = without limit */
    public record UpdateToken(
            String id,
            @Nullable Boolean active,
            @Nullable Long maxRequests,
            @Nullable String ifTag) {
        /** Whatever the token's tag is. */
        public UpdateToken(String id, @Nullable Boolean active, @Nullable Long maxRequests) {
            this(id, active, maxRequests, null);
        }
    }

    /** The answer to questions about one token. */
    public sealed interface TokenReply {
        record Found(Token token) implements TokenReply {}

        record NotFound() implements TokenReply {}

        record ProjectNotFound() implements TokenReply {}

        record ProjectInactive() implements TokenReply {}

        /** It has another tag; nothing was changed. */
        record TokenChanged() implements TokenReply {}
    }

    public record RevokeProjectTokens(String projectId) {}

    /** @param projectFound false when there is no such project; the counts are then 0 */
    public record RevokedCounts(boolean projectFound, int revoked, int alreadyRevoked, int total) {}

    /** @param tokens null: every token of the project */
    public record Revoked(String projectId, @Nullable List<TokenDigest> tokens) {}

    private static String tagOf(String... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, TAG_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    private static <Q extends Record, R> Endpoint<Q, R> managed(String address, Class<Q> request, Class<R> reply) {
        return new Endpoint<>(address, request, reply, ofMillis(5_000), ServiceRole.AUTH);
    }

    /** Every endpoint of this file. */
    public static Set<Endpoint<?, ?>> endpoints() {
        return Set.of(
                LEASE,
                SETTLE,
                ADMIT_WALLET,
                NEXT_NONCE,
                CREATE_PROJECT,
                GET_PROJECT,
                LIST_PROJECTS,
                UPDATE_PROJECT,
                CREATE_TOKEN,
                GET_TOKEN,
                LIST_TOKENS,
                UPDATE_TOKEN,
                REVOKE_PROJECT_TOKENS);
    }

    private AuthApi() {}
}
