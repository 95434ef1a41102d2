package io.latticegate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs suites under Node: those of {@code testing/clients}, which are the client libraries of others, unmodified, against a base
 * URL that the environment names, those of {@code clients/js/fhe}, and those of {@code testing/browser}. Installs the locked packages when they are missing or
 * differ from the lock file.
 */
public final class NodeClients {
    private final Path folder;
    private final Path node;
    private final Map<String, String> given;

    private NodeClients(Path folder, Path node, Map<String, String> given) {
        this.folder = folder;
        this.node = node;
        this.given = given;
    }

    /**
     * What {@code node --test} reported.
     *
     * @param tests tests that ran, suites not counted
     */
    public record Result(int exit, int tests, int passed, int failed, String output) {
        /** Whether every test passed and there was at least one. */
        public boolean good() {
            return exit == 0 && failed == 0 && tests > 0 && passed == tests;
        }
    }

    /**
     * The suites of this checkout, ready to run.
     *
     * @throws IllegalStateException when the folder, Node or npm is missing, or the packages cannot be installed
     */
    public static NodeClients ready() {
        return new NodeClients(NodePackages.ready("testing/clients"), Binaries.onPath("node", "nodejs"), Map.of());
    }

    /**
     * The suites of the client of encrypted compute, ready to run on the Node that a release of node-seal needs.
     *
     * @throws IllegalStateException as {@link #ready}
     */
    public static NodeClients fhe(SealWitness.Release release) {
        return new NodeClients(NodePackages.ready("clients/js/fhe"), NodePackages.node(release), Map.of());
    }

    /**
     * The suites of a person in a browser, ready to run in Chromium.
     *
     * @throws IllegalStateException as {@link #ready}, and when there is no Chromium
     */
    public static NodeClients browser() {
        Path chromium = Binaries.onPath("chromium", "chromium");
        return new NodeClients(
                NodePackages.ready("testing/browser"),
                Binaries.onPath("node", "nodejs"),
                Map.of("LG_CHROMIUM", chromium.toString()));
    }

    /**
     * Runs one suite.
     *
     * @param file its name in the folder, such as {@code openai.test.mjs}
     * @param environment its variables; for {@code testing/clients} and {@code testing/browser}, {@code settings.mjs} lists them
     * @throws AssertionError when it does not end by the deadline
     */
    public Result run(String file, Map<String, String> environment, Duration deadline) {
        List<String> command = List.of(node.toString(), "--test", "--test-reporter=tap", file);
        Map<String, String> variables = new HashMap<>(given);
        variables.putAll(environment);
        try {
            Path output = Files.createTempFile("latticegate-node-", ".tap");
            try (ChildProcess node = ChildProcess.start("node --test " + file, command, variables, folder, output)) {
                int exit = node.awaitExit(deadline);
                String text = node.outputText();
                return new Result(exit, count("tests", text), count("pass", text), count("fail", text), text);
            } finally {
                Files.delete(output);
            }
        } catch (IOException fault) {
            throw new UncheckedIOException("cannot keep the output of " + file, fault);
        }
    }

    private static int count(String what, String tap) {
        Matcher matcher =
                Pattern.compile("^# " + what + " (\\d+)$", Pattern.MULTILINE).matcher(tap);
        int count = 0;
        while (matcher.find()) {
            count = Integer.parseInt(matcher.group(1));
        }
        return count;
    }
}
