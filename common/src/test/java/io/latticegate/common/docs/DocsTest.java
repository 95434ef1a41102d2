package io.latticegate.common.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents name files; a file that moved must not leave its old name behind. */
class DocsTest {
    private static final Pattern NAMED =
            Pattern.compile("`([A-Za-z0-9_./-]+/[A-Za-z0-9_.-]+\\.(?:java|xml|sh|jvmargs))`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
    private static final Pattern ADR = Pattern.compile("[0-9]{4}-[a-z0-9-]+\\.md");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Checkout.ROOT.resolve("README.md")));
        try (Stream<Path> files = Files.walk(Checkout.ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    private static List<String> missing(Pattern pattern, boolean besideTheDocument) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            Path folder = besideTheDocument ? document.resolveSibling("") : Checkout.ROOT;
            Matcher named = pattern.matcher(Files.readString(document));
            while (named.find()) {
                if (!Files.exists(folder.resolve(named.group(1)))) {
                    missing.add(Checkout.ROOT.relativize(document) + " names " + named.group(1));
                }
            }
        }
        return missing;
    }

    @Test
    void everyFileNamedInADocumentExists() throws IOException {
        assertThat(documents()).hasSizeGreaterThan(5);
        assertThat(missing(NAMED, false)).isEmpty();
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        assertThat(missing(LINK, true)).isEmpty();
    }

    @Test
    void everyDecisionSaysContextDecisionAndWhatWasGivenUp() throws IOException {
        try (Stream<Path> files = Files.list(Checkout.ROOT.resolve("docs/adr"))) {
            List<Path> decisions = files.filter(
                            file -> ADR.matcher(file.getFileName().toString()).matches())
                    .toList();
            assertThat(decisions).isNotEmpty();
            for (Path decision : decisions) {
                assertThat(Files.readString(decision))
                        .as(decision.getFileName().toString())
                        .containsSubsequence("# ", "Status:", "## Context", "## Decision", "## What we gave up");
            }
        }
    }
}
