package io.latticegate.common.config;

import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resolves the references in values to environment variables and files; docs/configuration.md shows their forms. */
final class References {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\$\\{|\\$\\{([^}:]*)(:-([^}]*))?}|\\$\\{");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final String FILE = "file:";

    private final Map<String, String> environment;
    private final Consumer<String> warnings;

    References(Map<String, String> environment, Consumer<String> warnings) {
        this.environment = Map.copyOf(environment);
        this.warnings = warnings;
    }

    /** What a reference names cannot be had here. Not a mistake in the configuration where another service needs it. */
    static final class Unresolved extends Exception {
        private static final long serialVersionUID = 1L;

        Unresolved(String message) {
            super(message);
        }
    }

    /**
     * Replaces variables. An empty variable counts as unset where there is a default, as in a shell.
     *
     * @throws IllegalArgumentException where a reference is malformed
     */
    String interpolate(String text) throws Unresolved {
        Matcher found = VARIABLE.matcher(text);
        StringBuilder result = new StringBuilder();
        while (found.find()) {
            found.appendReplacement(result, Matcher.quoteReplacement(replacement(found)));
        }
        return found.appendTail(result).toString();
    }

    private String replacement(Matcher found) throws Unresolved {
        if (found.group().startsWith("$$")) {
            return "${";
        }
        String name = found.group(1);
        if (name == null || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("holds a malformed reference; write ${NAME} or ${NAME:-default}");
        }
        String value = environment.get(name);
        String fallback = found.group(3);
        if (fallback != null) {
            return value == null || value.isEmpty() ? fallback : value;
        }
        if (value == null) {
            throw new Unresolved("names the environment variable " + name + ", which is not set");
        }
        return value;
    }

    /** The value that {@code text} stands for: the content of a file, or the text itself. */
    String text(String text) throws Unresolved {
        String plain = interpolate(text);
        if (!plain.startsWith(FILE)) {
            return plain;
        }
        byte[] content = content(path(plain));
        return new String(content, 0, withoutNewline(content), StandardCharsets.UTF_8);
    }

    /** As {@link #text}, but a file's content never becomes a string. */
    ConfiguredSecret secret(String text) throws Unresolved {
        String plain = interpolate(text);
        if (plain.isEmpty()) {
            return ConfiguredSecret.unset();
        }
        if (plain.startsWith("kms:")) {
            throw new IllegalArgumentException("uses kms:, which is not available in this version");
        }
        return plain.startsWith(FILE)
                ? ConfiguredSecret.of(fileSecret(plain))
                : ConfiguredSecret.of(Secret.ofText(plain));
    }

    /** The secret of an environment variable. */
    ConfiguredSecret environmentSecret(String name) throws Unresolved {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            throw new Unresolved("names the environment variable " + name + ", which is not set");
        }
        return ConfiguredSecret.of(Secret.ofText(value));
    }

    /** The secret in the file that {@code file:…} names, without its trailing newline. */
    private Secret fileSecret(String reference) throws Unresolved {
        byte[] content = fileBytes(reference);
        byte[] secret = Arrays.copyOf(content, withoutNewline(content));
        Arrays.fill(content, (byte) 0);
        if (secret.length == 0) {
            throw new Unresolved("names the file " + path(reference) + ", which is empty");
        }
        return Secret.owning(secret);
    }

    /** The content of the secret file that {@code file:…} names; the caller wipes it. */
    byte[] fileBytes(String reference) throws Unresolved {
        Path file = path(reference);
        byte[] content = content(file);
        warnIfOthersMayRead(file);
        return content;
    }

    private static Path path(String reference) {
        try {
            Path file = Path.of(reference.substring(FILE.length()));
            if (file.isAbsolute()) {
                return file;
            }
        } catch (InvalidPathException malformed) {
            throw new IllegalArgumentException("names a file whose path is malformed", malformed);
        }
        throw new IllegalArgumentException("names a file by a relative path; write file:/absolute/path");
    }

    private static byte[] content(Path file) throws Unresolved {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(Secret.MAX_BYTES + 1);
            if (content.length > Secret.MAX_BYTES) {
                throw new Unresolved(
                        "names the file " + file + ", which is larger than " + Secret.MAX_BYTES + " bytes");
            }
            return content;
        } catch (IOException unreadable) {
            throw new Unresolved(
                    "names the file " + file + ", which cannot be read: " + YamlDocument.reason(unreadable));
        }
    }

    /** Length of {@code content} without one trailing newline. */
    static int withoutNewline(byte[] content) {
        int end = content.length;
        if (end > 0 && content[end - 1] == '\n') {
            end--;
            if (end > 0 && content[end - 1] == '\r') {
                end--;
            }
        }
        return end;
    }

    private void warnIfOthersMayRead(Path file) throws Unresolved {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try {
            if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                warnings.accept(file + " holds a secret and may be read by every user of this machine; chmod 600 it");
            }
        } catch (IOException unreadable) {
            throw new Unresolved("names the file " + file + ", whose permissions cannot be read");
        }
    }
}
