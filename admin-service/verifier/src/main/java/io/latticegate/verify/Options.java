package io.latticegate.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The command line. */
record Options(
        Optional<String> url,
        Optional<Path> tokenFile,
        Optional<Path> folder,
        Optional<Path> keys,
        Optional<Path> checkpoint,
        Optional<Path> save,
        long prunedBefore) {
    static final String HELP = """
            Usage: verify-audit (--url URL --token-file FILE | --dir DIR) [OPTIONS]

            Verifies an audit log: both signatures of its newest checkpoint, every tile against its root, every entry
            against its hash, and the numbers of every journal.

              --url URL            the management API of a running gateway, such as http://127.0.0.1:8081
              --token-file FILE    a file with a management token of at least the role viewer
              --dir DIR            a copy that --save made
              --keys FILE          the answer of /manage/audit/keys, kept from before: no other keys are believed
              --checkpoint FILE    a checkpoint kept from before: the log must have grown from it
              --save DIR           keeps a copy in DIR; its files keys and checkpoint are what to keep for the next time
              --pruned-before N    bodies of entries below index N may be missing, as retention deletes them

            Exit status 0: verified, 1: findings, each named on a line that begins with FINDING, 2: misuse.
            """;

    /** @throws IllegalArgumentException saying what is not understood */
    static Options parse(List<String> arguments) {
        Map<String, String> given = new TreeMap<>();
        for (int at = 0; at < arguments.size(); at += 2) {
            String option = arguments.get(at);
            if (!List.of("--url", "--token-file", "--dir", "--keys", "--checkpoint", "--save", "--pruned-before")
                    .contains(option)) {
                throw new IllegalArgumentException("there is no option " + option);
            }
            if (at + 1 >= arguments.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            if (given.put(option, arguments.get(at + 1)) != null) {
                throw new IllegalArgumentException(option + " is given twice");
            }
        }
        if (given.containsKey("--url") == given.containsKey("--dir")) {
            throw new IllegalArgumentException("give either --url or --dir");
        }
        if (given.containsKey("--url") != given.containsKey("--token-file")) {
            throw new IllegalArgumentException("--url and --token-file are given together");
        }
        String pruned = given.getOrDefault("--pruned-before", "0");
        if (!pruned.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("--pruned-before takes the index of an entry");
        }
        return new Options(
                Optional.ofNullable(given.get("--url")),
                Optional.ofNullable(given.get("--token-file")).map(Path::of),
                Optional.ofNullable(given.get("--dir")).map(Path::of),
                Optional.ofNullable(given.get("--keys")).map(Path::of),
                Optional.ofNullable(given.get("--checkpoint")).map(Path::of),
                Optional.ofNullable(given.get("--save")).map(Path::of),
                Long.parseLong(pruned));
    }
}
