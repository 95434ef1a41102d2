package io.latticegate.verify;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs {@code verify-audit} in this process. */
public final class VerifierProgram {
    /** @param status of its exit */
    public record Result(int status, String output) {}

    /** Runs it with these arguments. */
    public static Result run(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int status = VerifyMain.run(List.of(arguments), new PrintStream(output, true, StandardCharsets.UTF_8));
        return new Result(status, output.toString(StandardCharsets.UTF_8));
    }

    private VerifierProgram() {}
}
