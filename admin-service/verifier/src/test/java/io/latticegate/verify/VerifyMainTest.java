package io.latticegate.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerifyMainTest {
    @TempDir
    private Path folder;

    private String output = "";

    private int run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int status = VerifyMain.run(List.of(arguments), new PrintStream(out, true, StandardCharsets.UTF_8));
        output = out.toString(StandardCharsets.UTF_8);
        return status;
    }

    @ParameterizedTest
    @CsvSource({
        "'--quick', there is no option --quick",
        "'--dir', --dir needs a value",
        "'--dir a --dir b', --dir is given twice",
        "'--dir a --url http://b', give either --url or --dir",
        "'--url http://b', --url and --token-file are given together",
        "'--dir /nowhere/at/all', there is no folder /nowhere/at/all",
        "'--dir . --keys /nowhere/keys', the file /nowhere/keys cannot be read",
        "'--dir . --pruned-before x', --pruned-before takes the index of an entry",
    })
    void saysWhatIsMisused(String line, String why) {
        assertThat(run(line.split(" ", -1))).isEqualTo(VerifyMain.MISUSE);
        assertThat(output).contains(why);
    }

    @Test
    void printsItsOptions() {
        assertThat(run("--help")).isZero();
        assertThat(output).startsWith("Usage: verify-audit");
    }

    @Test
    void anEmptyFolderIsNoLog() {
        assertThat(run("--dir", folder.toString())).isEqualTo(VerifyMain.FINDINGS);
        assertThat(output)
                .contains("FINDING key: the source has no list of keys")
                .contains("NOT VERIFIED");
    }
}
