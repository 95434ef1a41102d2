package io.latticegate.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code ./latticegate bench [NAME] [ARGUMENTS]}: runs one benchmark by its name, or lists them. */
public final class BenchMain {
    private static final int EXIT_USAGE = 2;

    /** One benchmark: reads its arguments, measures, prints, and gives the exit status. */
    @FunctionalInterface
    private interface Benchmark {
        /** @throws IllegalArgumentException when the arguments are not understood */
        int run(List<String> arguments, PrintStream out);
    }

    private record Entry(Benchmark benchmark, String help) {}

    private static Map<String, Entry> benchmarks() {
        Map<String, Entry> all = new LinkedHashMap<>();
        all.put(
                "relay",
                new Entry(
                        (arguments, out) -> RelayBench.run(RelayOptions.parse(arguments), arguments, out),
                        RelayOptions.HELP));
        all.put("hold", new Entry(HoldBench::run, HoldBench.HELP));
        all.put("soak", new Entry(SoakBench::run, SoakBench.HELP));
        all.put("fhe", new Entry(FheBench::run, FheBench.HELP));
        all.put("head", new Entry(HeadBench::run, HeadBench.HELP));
        all.put("search", new Entry(SearchBench::run, SearchBench.HELP));
        all.put("usage", new Entry(UsageBench::run, UsageBench.HELP));
        all.put("allocation", new Entry(AllocationBench::run, AllocationBench.HELP));
        all.put("audit", new Entry(AuditBench::run, AuditBench.HELP));
        return all;
    }

    static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Map<String, Entry> known = benchmarks();
        if (args.length == 0 || args[0].equals("help") || args[0].equals("--help")) {
            out.print("Benchmarks:\n");
            known.values().forEach(entry -> out.print("\n" + entry.help()));
            return;
        }
        Entry entry = known.get(args[0]);
        if (entry == null) {
            System.err.println("there is no benchmark '" + args[0] + "'; known: " + String.join(", ", known.keySet()));
            System.exit(EXIT_USAGE);
            return;
        }
        int status;
        try {
            status = entry.benchmark().run(Arrays.asList(args).subList(1, args.length), out);
        } catch (IllegalArgumentException misused) {
            System.err.println(args[0] + ": " + misused.getMessage() + "\n\n" + entry.help());
            status = EXIT_USAGE;
        }
        System.exit(status);
    }

    private BenchMain() {}
}
