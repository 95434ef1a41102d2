package io.latticegate.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A verifier that used the writer's code would repeat the writer's mistakes. */
class IndependenceTest {
    @Test
    void usesTheJdkAlone() throws IOException {
        Path sources = Path.of(System.getProperty("latticegate.root"), "admin-service/verifier/src/main/java");
        List<String> imports;
        try (Stream<Path> files = Files.walk(sources)) {
            imports = files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(IndependenceTest::lines)
                    .filter(line -> line.startsWith("import "))
                    .toList();
        }
        assertThat(imports)
                .hasSizeGreaterThan(50)
                .allMatch(line -> line.matches("import (static )?(java\\.|org\\.jspecify\\.annotations\\.).*"));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
    }
}
