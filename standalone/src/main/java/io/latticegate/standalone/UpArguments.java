package io.latticegate.standalone;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code up [--config FILE] [--data DIR]}.
 *
 * @param config null where none is given
 */
record UpArguments(@Nullable Path config, Path data) {
    static UpArguments parse(String[] args) {
        Path config = null;
        Path data = Path.of("data");
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "up" -> {}
                case "--config" -> config = Path.of(value(args, ++i, "--config"));
                case "--data" -> data = Path.of(value(args, ++i, "--data"));
                default ->
                    throw new IllegalArgumentException(
                            "unknown argument " + args[i] + "; allowed: up [--config FILE] [--data DIR]");
            }
        }
        return new UpArguments(config, data);
    }

    private static String value(String[] args, int index, String option) {
        if (index >= args.length) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return args[index];
    }
}
