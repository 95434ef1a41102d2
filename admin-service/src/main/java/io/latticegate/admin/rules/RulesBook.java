package io.latticegate.admin.rules;

import io.latticegate.admin.rules.RulesVersion.Origin;
import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.ConfigProblem;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.config.ProviderConfig;
import io.latticegate.common.config.RulesDocument;
import io.latticegate.common.store.Database;
import io.latticegate.common.store.StoreFault;
import io.latticegate.common.telemetry.Log;
import io.latticegate.common.telemetry.LogKey;
import java.net.URI;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The versions of the rules that may change at run time, shared by all instances of admin-service through their store. A
 * change is one transaction that adds the next number, so that of two changes to the same version one is told that it came
 * too late, and a process that dies in between leaves the former version in force.
 *
 * <p>The first version is what the configuration file says. Later versions stay in force as long as the file's rules stay as
 * they are; where a start finds others in the file, they become the next version (ADR 0018).
 *
 * <p>Two things that the file may do, a change may not. A provider keeps the address under which it was first known, because
 * the keys stored for it would go to another. And a provider gets {@code allow_private} or {@code allow_http} only where
 * the file gives it them, or says {@code management.private_providers}.
 *
 * <p>Methods block and throw {@link StoreFault} when the store does not answer.
 */
public final class RulesBook {
    private static final Log LOG = Log.of(RulesBook.class);

    private final Database database;
    private final LatticegateConfig file;
    private final String fileHash;
    private final InstantSource clock;
    private final LongConsumer announce;
    private volatile @Nullable RulesVersion latest;

    /** What became of a change. */
    public sealed interface Outcome {
        /** It is in force. */
        record Made(RulesVersion version) implements Outcome {}

        /** There is nothing to change. */
        record Same(RulesVersion version) implements Outcome {}

        /** Another version is in force than the one that was to be changed. */
        record Late(long version) implements Outcome {}

        /** The rules are not allowed. */
        record Refused(List<ConfigProblem> problems) implements Outcome {}
    }

    /**
     * @param file what this process was started with
     * @param announce is told the number of every version that comes into force here
     */
    public RulesBook(Database database, LatticegateConfig file, InstantSource clock, LongConsumer announce) {
        this.database = database;
        this.file = file;
        this.fileHash = file.changeable().document().hash();
        this.clock = clock;
        this.announce = announce;
    }

    /** Whether the file's rules are not those on which the version in force was made, so that {@link #begin} will replace it. */
    public Optional<RulesVersion> supersededByFile() {
        return read().filter(stored -> !stored.fileHash().equals(fileHash));
    }

    /** Puts the file's rules into force where there are none, or the file's have changed since; call once, at the start. */
    public RulesVersion begin() {
        RulesVersion now = null;
        while (now == null) {
            now = database.inTransaction(connection -> {
                long number = RulesStore.latestNumber(connection);
                Optional<RulesVersion> stored = RulesStore.find(connection, number);
                if (stored.isPresent() && stored.get().fileHash().equals(fileHash)) {
                    return stored.get();
                }
                RulesVersion first =
                        version(number + 1, Origin.FILE, "", file.changeable().document());
                if (!RulesStore.insert(connection, first)) {
                    return null;
                }
                RulesStore.putAddresses(connection, addresses(file));
                return first;
            });
        }
        latest = now;
        announce.accept(now.version());
        say(now);
        return now;
    }

    private void say(RulesVersion now) {
        if (now.origin() == Origin.FILE) {
            LOG.info("the configuration file's rules are in force", LogKey.VERSION.of(now.version()));
        } else {
            LOG.warn(
                    "rules that were changed at run time are in force, not those of the configuration file; GET"
                            + " /manage/config/diff?from=file shows how they differ",
                    LogKey.VERSION.of(now.version()));
        }
    }

    /**
     * The version in force, from the store; from memory while the store is away.
     *
     * @throws StoreFault.Unavailable when it is away and {@link #begin} has not succeeded yet
     */
    public RulesVersion current() {
        RulesVersion known = latest;
        if (known == null) {
            throw new StoreFault.Unavailable("the rules in force have not been read since the start", null);
        }
        try {
            RulesVersion stored = read().orElse(known);
            if (stored.version() > known.version()) {
                latest = stored;
            }
            return stored;
        } catch (StoreFault.Unavailable away) {
            return known;
        }
    }

    /** What the configuration file says, whether or not it is in force. */
    public RulesDocument ofFile() {
        return file.changeable().document();
    }

    public Optional<RulesVersion> find(long version) {
        return database.read(connection -> RulesStore.find(connection, version));
    }

    /** At most {@code limit} versions below {@code before}, newest first. */
    public List<RulesVersion> list(long before, int limit) {
        return database.read(connection -> RulesStore.list(connection, before, limit));
    }

    /** Every reason why {@code proposed} would be refused; empty: it would not. */
    public List<ConfigProblem> problems(RulesDocument proposed) {
        try {
            LatticegateConfig read = file.with(proposed);
            Map<String, String> known = database.read(RulesStore::addresses);
            return notAllowed(read, known);
        } catch (ConfigException refused) {
            return refused.problems();
        }
    }

    /** The configuration with the rules in force. */
    public LatticegateConfig config() {
        return file.with(current().document());
    }

    /**
     * Puts {@code proposed} into force if {@code expected} is in force now.
     *
     * @param requestId of the call that asks for it
     */
    public Outcome change(long expected, RulesDocument proposed, Origin origin, String requestId) {
        LatticegateConfig read;
        try {
            read = file.with(proposed);
        } catch (ConfigException refused) {
            return new Outcome.Refused(refused.problems());
        }
        Outcome outcome = database.inTransaction(connection -> {
            long number = RulesStore.latestNumber(connection);
            Optional<RulesVersion> stored = RulesStore.find(connection, number);
            if (number != expected || stored.isEmpty()) {
                return new Outcome.Late(number);
            }
            Map<String, String> known = RulesStore.addresses(connection);
            List<ConfigProblem> problems = notAllowed(read, known);
            if (!problems.isEmpty()) {
                return new Outcome.Refused(problems);
            }
            if (stored.get().document().equals(proposed)) {
                return new Outcome.Same(stored.get());
            }
            RulesVersion next = version(number + 1, origin, requestId, proposed);
            if (!RulesStore.insert(connection, next)) {
                return new Outcome.Late(number + 1);
            }
            Map<String, String> added = new LinkedHashMap<>(addresses(read));
            added.keySet().removeAll(known.keySet());
            RulesStore.putAddresses(connection, added);
            return new Outcome.Made(next);
        });
        if (outcome instanceof Outcome.Made(RulesVersion made)) {
            announce.accept(made.version());
        }
        return outcome;
    }

    private Optional<RulesVersion> read() {
        RulesVersion known = latest;
        return database.read(connection -> {
            long number = RulesStore.latestNumber(connection);
            return known != null && known.version() == number
                    ? Optional.of(known)
                    : RulesStore.find(connection, number);
        });
    }

    private RulesVersion version(long number, Origin origin, String requestId, RulesDocument document) {
        return new RulesVersion(
                number, origin, fileHash, requestId, clock.instant().truncatedTo(ChronoUnit.MICROS), document);
    }

    private List<ConfigProblem> notAllowed(LatticegateConfig read, Map<String, String> known) {
        List<ConfigProblem> problems = new ArrayList<>();
        addresses(read).forEach((provider, address) -> {
            String before = known.get(provider);
            if (before != null && !before.equals(address)) {
                problems.add(new ConfigProblem(
                        "providers." + provider + ".base_url",
                        "",
                        "leads to " + address + ", but keys stored for " + provider + " are meant for " + before
                                + "; add a provider of another name, or change the configuration file"));
            }
        });
        if (!file.management().privateProviders()) {
            for (ProviderConfig provider : read.providers().values()) {
                ProviderConfig own = file.providers().get(provider.name());
                String path = "providers." + provider.name();
                if (provider.allowPrivate() && (own == null || !own.allowPrivate())) {
                    problems.add(onlyInFile(path + ".allow_private"));
                }
                if (provider.allowHttp() && (own == null || !own.allowHttp())) {
                    problems.add(onlyInFile(path + ".allow_http"));
                }
            }
        }
        return problems;
    }

    private static ConfigProblem onlyInFile(String path) {
        return new ConfigProblem(
                path,
                "",
                "is true, which only the configuration file may say unless it also says"
                        + " management.private_providers: true");
    }

    /** Scheme, host and port of every provider that keys go to. */
    private static Map<String, String> addresses(LatticegateConfig config) {
        Map<String, String> addresses = new LinkedHashMap<>();
        for (ProviderConfig provider : config.providers().values()) {
            if (provider.kind() != ProviderConfig.Kind.ECHO) {
                addresses.put(provider.name(), address(provider.baseUrl()));
            }
        }
        return addresses;
    }

    private static String address(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + String.valueOf(url.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }
}
