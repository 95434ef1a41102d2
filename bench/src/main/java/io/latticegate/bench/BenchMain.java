package io.latticegate.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** {@code ./latticegate bench [NAME] [ARGUMENTS]}: runs one benchmark by its name, or lists them. */
public final class BenchMain {
    private static final int EXIT_USAGE = 2;

    static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (args.length == 0 || args[0].equals("help") || args[0].equals("--help")) {
            out.print("Benchmarks:\n\n" + RelayOptions.HELP + FheBench.HELP);
            return;
        }
        List<String> arguments = Arrays.asList(args).subList(1, args.length);
        switch (args[0]) {
            case "relay" -> relay(arguments, out);
            case "fhe" -> fhe(arguments, out);
            default -> {
                System.err.println("there is no benchmark '" + args[0] + "'; known: relay, fhe");
                System.exit(EXIT_USAGE);
            }
        }
    }

    private static void fhe(List<String> arguments, PrintStream out) {
        try {
            FheBench.run(arguments, out);
        } catch (IllegalArgumentException misused) {
            System.err.println("fhe: " + misused.getMessage() + "\n\n" + FheBench.HELP);
            System.exit(EXIT_USAGE);
        }
    }

    private static void relay(List<String> arguments, PrintStream out) {
        RelayOptions options;
        try {
            options = RelayOptions.parse(arguments);
        } catch (IllegalArgumentException misused) {
            System.err.println("relay: " + misused.getMessage() + "\n\n" + RelayOptions.HELP);
            System.exit(EXIT_USAGE);
            return;
        }
        System.exit(RelayBench.run(options, arguments, out));
    }

    private BenchMain() {}
}
