package io.latticegate.bench;

import io.latticegate.bench.arm.Arm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long and what {@code bench relay} measures.
 *
 * @param arms names, in the order of {@link Arm#all}
 * @param window length of one measurement
 * @param settle load before each measurement, not counted
 * @param warmRequests requests per shape of one answer that each process gets before the first round
 * @param written whether a results file is written
 * @param profile whether a profiled window of the governed arm follows the rounds
 */
record RelayOptions(
        List<String> arms,
        int rounds,
        Duration window,
        Duration settle,
        long warmRequests,
        boolean written,
        boolean profile) {
    static final String HELP = """
            relay [--rounds N] [--seconds S] [--arms A,B] [--quick] [--profile]
                  What a relay adds to a request: latency over one connection, requests/s and processor time over 32,
                  time to the first token of a stream; arms take turns. Writes bench/results/DATE-relay.md.
                  --rounds N    rounds, 1 to 100 (default 5)
                  --seconds S   length of one window, 1 to 120 (default 3); there are four per arm and round
                  --arms A,B    of direct, bare, nginx, unlimited, governed, mesh (default: all that can run but mesh,
                                whose many processes slow the others down)
                  --quick       2 rounds of 1 s with a short warm-up; writes no file: not for figures that are quoted
                  --profile     afterwards profiles the governed arm under 32 connections
            """;

    private static final int ROUNDS_MAX = 100;
    private static final int SECONDS_MAX = 120;
    private static final long WARM_REQUESTS = 40_000;
    private static final long WARM_REQUESTS_QUICK = 20_000;

    static RelayOptions parse(List<String> arguments) {
        List<String> known = Arm.all().stream().map(Arm::name).toList();
        List<String> arms = Arm.all().stream().filter(Arm::usual).map(Arm::name).toList();
        int rounds = 0;
        int seconds = 0;
        boolean quick = false;
        boolean profile = false;
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            switch (option) {
                case "--quick" -> quick = true;
                case "--profile" -> profile = true;
                case "--rounds" ->
                    rounds = Arguments.number(option, Arguments.value(arguments, ++i, option), ROUNDS_MAX);
                case "--seconds" ->
                    seconds = Arguments.number(option, Arguments.value(arguments, ++i, option), SECONDS_MAX);
                case "--arms" -> arms = chosen(known, Arguments.value(arguments, ++i, option));
                default -> throw new IllegalArgumentException("there is no option " + option);
            }
        }
        return new RelayOptions(
                arms,
                rounds > 0 ? rounds : quick ? 2 : 5,
                Duration.ofSeconds(seconds > 0 ? seconds : quick ? 1 : 3),
                Duration.ofMillis(300),
                quick ? WARM_REQUESTS_QUICK : WARM_REQUESTS,
                !quick,
                profile);
    }

    /** In the order of {@code known}; direct is always among them, as all else is compared with it. */
    private static List<String> chosen(List<String> known, String value) {
        List<String> wanted = new ArrayList<>(List.of(value.split(",", -1)));
        for (String name : wanted) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("there is no arm '" + name + "'; known: " + known);
            }
        }
        wanted.add(known.getFirst());
        return known.stream().filter(wanted::contains).toList();
    }
}
