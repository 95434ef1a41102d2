package io.latticegate.verify;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code ./latticegate verify-audit}. */
public final class VerifyMain {
    static final int VERIFIED = 0;
    static final int FINDINGS = 1;
    static final int MISUSE = 2;

    private static final long FILE_BYTES_MAX = 1 << 20;

    static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.exit(run(List.of(args), out));
    }

    /** Returns the exit status. */
    static int run(List<String> arguments, PrintStream out) {
        if (arguments.isEmpty() || arguments.contains("--help")) {
            out.print(Options.HELP);
            return arguments.isEmpty() ? MISUSE : VERIFIED;
        }
        try {
            Options options = Options.parse(arguments);
            Report report = Verification.of(
                    source(options),
                    new Verification.Known(
                            content(options.keys()), content(options.checkpoint()), options.prunedBefore()));
            out.print(report.text());
            return report.verified() ? VERIFIED : FINDINGS;
        } catch (IllegalArgumentException | IOException misused) {
            out.println("verify-audit: " + misused.getMessage() + " (--help lists the options)");
            return MISUSE;
        }
    }

    private static LogSource source(Options options) throws IOException {
        LogSource source;
        if (options.url().isPresent()) {
            byte[] token = read(options.tokenFile().orElseThrow());
            source = new HttpSource(
                    options.url().get(),
                    new String(token, StandardCharsets.UTF_8).strip().toCharArray());
        } else {
            Path folder = options.folder().orElseThrow();
            if (!Files.isDirectory(folder)) {
                throw new IOException("there is no folder " + folder);
            }
            source = new FolderSource(folder);
        }
        return options.save().isPresent() ? new SavedCopy(source, options.save().get()) : source;
    }

    private static byte @Nullable [] content(Optional<Path> file) throws IOException {
        return file.isPresent() ? read(file.get()) : null;
    }

    private static byte[] read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("the file " + file + " cannot be read");
        }
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException("the file " + file + " has more than " + FILE_BYTES_MAX + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private VerifyMain() {}
}
