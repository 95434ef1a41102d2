package io.latticegate.admin.analytics;

import io.latticegate.common.crypto.Sha256;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an ended request is told apart by; empty where it has no such thing. Values that anybody could make up without being
 * let in are not taken over: a model only where a provider was chosen, a wallet only where its signature was admitted.
 */
record Facets(
        String project,
        String token,
        String wallet,
        String user,
        String model,
        String provider,
        String endpoint,
        String outcome,
        String errorClass) {
    /** Stands for the values that there is no room for. */
    static final String OTHER = "(other)";

    /** The class of an error whose reason is not a plain word. */
    static final String UNCLASSIFIED = "unclassified";

    /** The key of the audit's metadata under which the pseudonym of the end user stands. */
    static final String USER = "user";

    private static final Pattern CLASS = Pattern.compile("[a-z][a-z0-9_]{0,47}");
    private static final Pattern PSEUDONYM = Pattern.compile("u_[A-Za-z0-9_-]{22}");
    private static final String MANAGEMENT = "manage";

    /** Whether the record is the end of a request of the data plane. */
    static boolean ended(AuditRecord record) {
        return !record.surface().equals(MANAGEMENT)
                && (record.phase() == AuditPhase.END
                        || (record.phase() == AuditPhase.EVENT
                                && record.action().endsWith("_request")));
    }

    /** Of an ended request; empty for every other record. */
    static Optional<Facets> of(AuditRecord record) {
        if (!ended(record)) {
            return Optional.empty();
        }
        boolean admittedWallet =
                record.actor().kind() == AuditActor.Kind.WALLET && record.outcome() != AuditOutcome.DENIED;
        String user = record.metadata().getOrDefault(USER, "");
        return Optional.of(new Facets(
                record.projectId(),
                record.tokenId(),
                admittedWallet ? record.actor().id() : "",
                PSEUDONYM.matcher(user).matches() ? user : "",
                record.provider().isEmpty() ? "" : record.model(),
                record.provider(),
                EndpointName.of(record.path()),
                record.outcome().wireName(),
                errorClass(record)));
    }

    private static String errorClass(AuditRecord record) {
        if (record.outcome() == AuditOutcome.SUCCESS) {
            return "";
        }
        return CLASS.matcher(record.reason()).matches() ? record.reason() : UNCLASSIFIED;
    }

    String value(Dimension dimension) {
        return switch (dimension) {
            case PROJECT -> project;
            case TOKEN -> token;
            case WALLET -> wallet;
            case USER -> user;
            case MODEL -> model;
            case PROVIDER -> provider;
            case ENDPOINT -> endpoint;
            case OUTCOME -> outcome;
            case ERROR_CLASS -> errorClass;
        };
    }

    /** Without what clients choose, for a grouping that is full. */
    Facets folded() {
        return new Facets(
                project.isEmpty() ? "" : OTHER,
                token.isEmpty() ? "" : OTHER,
                wallet.isEmpty() ? "" : OTHER,
                user.isEmpty() ? "" : OTHER,
                model.isEmpty() ? "" : OTHER,
                provider,
                endpoint,
                outcome,
                errorClass.isEmpty() ? "" : UNCLASSIFIED);
    }

    /** Identifies the values that the grouping keeps apart; no two groupings share one. */
    KeyId id(Grouping grouping) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(256);
        text.write(grouping.code());
        for (Dimension dimension : Dimension.values()) {
            if (grouping.has(dimension)) {
                byte[] value = value(dimension).getBytes(StandardCharsets.UTF_8);
                text.write(value.length >> 8);
                text.write(value.length);
                text.writeBytes(value);
            }
        }
        return KeyId.ofDigest(Sha256.of(text.toByteArray()));
    }
}
