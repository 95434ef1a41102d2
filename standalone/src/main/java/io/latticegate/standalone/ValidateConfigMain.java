package io.latticegate.standalone;

import io.latticegate.common.config.ConfigException;
import io.latticegate.common.config.ConfigLoader;
import io.latticegate.common.config.ConfigProblem;
import io.latticegate.common.config.LoadedConfig;
import io.latticegate.common.value.ServiceRole;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code latticegate validate-config}: reads the configuration as a start would and prints everything that is wrong with it,
 * without starting anything.
 */
public final class ValidateConfigMain {
    static final int ACCEPTED = 0;
    static final int REFUSED = 1;
    static final int MISUSED = 2;

    private static final String USAGE = "validate-config [--config FILE]... [--service NAME]...";

    static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.exit(run(args, Path.of("config"), System.getenv(), out));
    }

    /**
     * Prints one line per problem and a last line with the result.
     *
     * @param directory of {@code default.yaml} and {@code <profile>.yaml}
     * @return the exit status: 0 accepted, 1 refused, 2 misused
     */
    static int run(String[] args, Path directory, Map<String, String> environment, PrintStream out) {
        ConfigLoader loader = ConfigLoader.in(directory).environment(environment);
        List<ServiceRole> roles = new ArrayList<>();
        try {
            for (int i = 0; i < args.length; i++) {
                switch (args[i]) {
                    case "validate-config" -> {}
                    case "--config" -> loader.file(Path.of(value(args, ++i)));
                    case "--service" -> roles.add(role(value(args, ++i)));
                    default ->
                        throw new IllegalArgumentException("unknown argument " + args[i] + "; allowed: " + USAGE);
                }
            }
        } catch (IllegalArgumentException misused) {
            out.println(misused.getMessage());
            return MISUSED;
        }
        try {
            LoadedConfig loaded = loader.load();
            loaded.warnings().forEach(warning -> out.println("warning: " + warning));
            loaded.config().validateFor(roles.toArray(ServiceRole[]::new));
            out.println("The configuration is accepted"
                    + (roles.isEmpty()
                            ? "; --service NAME also checks what a service needs."
                            : " for " + roles.stream().map(ServiceRole::label).collect(Collectors.joining(", "))
                                    + "."));
            return ACCEPTED;
        } catch (ConfigException refused) {
            List<ConfigProblem> problems = refused.problems();
            problems.forEach(problem -> out.println("error: " + problem));
            out.println("The configuration is refused: " + problems.size()
                    + (problems.size() == 1 ? " problem." : " problems."));
            return REFUSED;
        }
    }

    private static String value(String[] args, int index) {
        if (index >= args.length) {
            throw new IllegalArgumentException(args[index - 1] + " needs a value; allowed: " + USAGE);
        }
        return args[index];
    }

    private static ServiceRole role(String name) {
        return ServiceRole.fromLabel(name)
                .orElseThrow(() -> new IllegalArgumentException("there is no service " + name + "; allowed are "
                        + Arrays.stream(ServiceRole.values())
                                .map(ServiceRole::label)
                                .collect(Collectors.joining(", "))));
    }

    private ValidateConfigMain() {}
}
