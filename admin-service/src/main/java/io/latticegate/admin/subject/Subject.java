package io.latticegate.admin.subject;

import io.latticegate.common.crypto.Eip55;
import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditRecord;
import io.latticegate.common.value.WalletAddress;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Somebody, or something that stands for somebody, whose data can be erased.
 *
 * @param id in one spelling: a wallet in lower case, an address as the JDK prints it
 */
public record Subject(Kind kind, String id) {
    private static final int ID_MAX = 128;
    private static final Pattern WALLET = Pattern.compile("0[xX][0-9a-fA-F]{40}(?![0-9a-fA-F])");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** What stands for somebody. */
    public enum Kind {
        WALLET,
        IDENTITY,
        CLIENT_IP,
        TOKEN;

        /** The lower-case word of the wire format. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The kind of that name. */
        public static Optional<Kind> named(String name) {
            return Arrays.stream(values())
                    .filter(kind -> kind.wireName().equals(name))
                    .findFirst();
        }
    }

    public Subject {
        id = switch (kind) {
            case WALLET -> id.toLowerCase(Locale.ROOT);
            case CLIENT_IP -> address(id);
            case IDENTITY, TOKEN -> id;
        };
    }

    private static String address(String text) {
        try {
            return InetAddress.ofLiteral(text).getHostAddress();
        } catch (IllegalArgumentException noAddress) {
            return text.toLowerCase(Locale.ROOT);
        }
    }

    /** How columns spell it as a rule; whoever spells it otherwise is noted as if the text named it. */
    List<String> spellings() {
        return kind == Kind.WALLET && WALLET.matcher(id).matches()
                ? List.of(id, Eip55.spell(WalletAddress.parse(id)))
                : List.of(id);
    }

    /**
     * What a client names.
     *
     * @throws IllegalArgumentException with what is allowed
     */
    public static Subject parse(Kind kind, String id) {
        return switch (kind) {
            case WALLET -> new Subject(kind, WalletAddress.parse(id).value());
            case IDENTITY -> {
                if (id.isBlank() || id.length() > ID_MAX || id.chars().anyMatch(Character::isISOControl)) {
                    throw new IllegalArgumentException(
                            "an identity has 1 to " + ID_MAX + " characters, none of them a control character");
                }
                yield new Subject(kind, id);
            }
            case CLIENT_IP -> {
                Subject address = new Subject(kind, id);
                if (!address.id().matches("[0-9a-f.:]{2,45}")) {
                    throw new IllegalArgumentException("a client_ip is an IPv4 or IPv6 address");
                }
                yield address;
            }
            case TOKEN -> {
                if (!TOKEN.matcher(id).matches()) {
                    throw new IllegalArgumentException("a token is named by its id, never by itself");
                }
                yield new Subject(kind, id);
            }
        };
    }

    /** Who did what {@code record} tells of, where that is a subject. */
    static Optional<Subject> actor(AuditRecord record) {
        AuditActor actor = record.actor();
        if (actor.id().isEmpty()) {
            return Optional.empty();
        }
        return switch (actor.kind()) {
            case WALLET -> Optional.of(new Subject(Kind.WALLET, actor.id()));
            case IDENTITY -> Optional.of(new Subject(Kind.IDENTITY, actor.id()));
            case TOKEN -> Optional.of(new Subject(Kind.TOKEN, actor.id()));
            case ANONYMOUS, MANAGEMENT, SYSTEM -> Optional.empty();
        };
    }

    /** From where it was done. */
    static Optional<Subject> clientIp(AuditRecord record) {
        return record.clientIp().isEmpty()
                ? Optional.empty()
                : Optional.of(new Subject(Kind.CLIENT_IP, record.clientIp()));
    }

    /** The token that it is about. */
    static Optional<Subject> token(AuditRecord record) {
        return record.tokenId().isEmpty() ? Optional.empty() : Optional.of(new Subject(Kind.TOKEN, record.tokenId()));
    }

    /** Every wallet that its path or its free text names. */
    static Set<Subject> inText(AuditRecord record) {
        Set<Subject> named = new LinkedHashSet<>();
        addWallets(record.path(), named);
        addWallets(record.reason(), named);
        record.metadata().forEach((key, value) -> {
            addWallets(key, named);
            addWallets(value, named);
        });
        return named;
    }

    /** Whether the path of {@code record} names somebody. */
    static boolean inPath(AuditRecord record) {
        return WALLET.matcher(record.path()).find()
                || (!record.tokenId().isEmpty() && record.path().contains(record.tokenId()));
    }

    private static void addWallets(String text, Set<Subject> into) {
        if (text.length() < 2 * WalletAddress.BYTES + 2) {
            return;
        }
        Matcher wallet = WALLET.matcher(text);
        while (wallet.find()) {
            into.add(new Subject(Kind.WALLET, wallet.group()));
        }
    }

    /** The kind only. */
    @Override
    public String toString() {
        return kind.wireName();
    }
}
