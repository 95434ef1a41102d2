package io.latticegate.admin.alert;

import io.latticegate.admin.subject.ClientAddresses;
import io.latticegate.admin.subject.ClientAddresses.Sighting;
import io.latticegate.admin.subject.Sealing;
import io.latticegate.common.config.AlertsConfig;
import io.latticegate.common.store.Database;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rules on addresses from which somebody acts who has only acted from others. */
final class AddressConditions {
    /** Of more subjects than these at once, one alert tells for all. */
    static final int SUBJECTS_MAX = 50;

    /** Looks of {@link ClientAddresses#POSITIONS_MAX} positions per run, so that other rules have their turn. */
    private static final int LOOKS_MAX = 20;

    private final Database database;
    private final ClientAddresses addresses;
    private final InstantSource clock;

    AddressConditions(Database database, Sealing sealing, InstantSource clock) {
        this.database = database;
        this.addresses = new ClientAddresses(sealing);
        this.clock = clock;
    }

    /** Learns what the audit has stored since, and tells who acted from how many new addresses within the rule's window. */
    List<Condition> holding(AlertsConfig.Rule rule) {
        Instant now = clock.instant();
        for (int look = 0; look < LOOKS_MAX && database.inTransaction(at -> addresses.learn(at, now)); look++) {}
        long atLeast = rule.threshold()
                .min(BigDecimal.valueOf(ClientAddresses.ROWS_MAX))
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
        List<Sighting> sightings = database.read(
                connection -> ClientAddresses.since(connection, now.minus(rule.window()), atLeast, SUBJECTS_MAX + 1));
        if (sightings.size() > SUBJECTS_MAX) {
            return List.of(new Condition(
                    "",
                    "more than " + SUBJECTS_MAX + " tokens, wallets and managers acted from new addresses within "
                            + rule.window().toMinutes() + " minutes",
                    Map.of()));
        }
        List<Condition> holding = new ArrayList<>();
        sightings.forEach(sighting -> holding.add(condition(sighting)));
        return holding;
    }

    private static Condition condition(Sighting sighting) {
        Map<String, String> labels = new TreeMap<>(Map.of("actor_kind", sighting.kind(), "event", sighting.event()));
        if (!sighting.tokenId().isEmpty()) {
            labels.put("token_id", sighting.tokenId());
        }
        return new Condition(
                sighting.pseudonym(),
                who(sighting) + " acted from "
                        + (sighting.addresses() == 1 ? "an address" : sighting.addresses() + " addresses")
                        + " not seen with it before; audit event " + sighting.event() + " tells which",
                labels);
    }

    private static String who(Sighting sighting) {
        return switch (sighting.kind()) {
            case "token" -> "token " + sighting.tokenId();
            case "wallet" -> "a wallet";
            case "identity" -> "somebody signed in by the identity provider";
            default -> "a holder of a management token";
        };
    }
}
