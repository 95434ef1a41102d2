package io.latticegate.common.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents name files, by whole path or by its end; a file that moved must not leave its old name behind. */
class DocsTest {
    private static final Pattern NAMED =
            Pattern.compile("`([A-Za-z0-9_./-]+/[A-Za-z0-9_.-]+\\.(?:java|xml|sh|jvmargs))`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
    private static final Pattern ADR = Pattern.compile("[0-9]{4}-[a-z0-9-]+\\.md");

    private static final Set<String> LEFT_BEHIND = Set.of("target", ".git", "node_modules", "data", ".latticegate");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Checkout.ROOT.resolve("README.md")));
        try (Stream<Path> files = Files.walk(Checkout.ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    /** Every file of the checkout, relative to its root, without what builds leave behind. */
    private static List<String> files() throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(Checkout.ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return LEFT_BEHIND.contains(String.valueOf(folder.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add("/" + Checkout.ROOT.relativize(file));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    @Test
    void everyFileNamedInADocumentExists() throws IOException {
        List<String> files = files();
        assertThat(documents()).hasSizeGreaterThan(5);
        assertThat(missing(NAMED, (_, named) -> files.stream().anyMatch(file -> file.endsWith("/" + named))))
                .isEmpty();
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        assertThat(missing(LINK, (document, link) -> Files.exists(document.resolveSibling(link))))
                .isEmpty();
    }

    private static List<String> missing(Pattern pattern, BiPredicate<Path, String> exists) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            Matcher named = pattern.matcher(Files.readString(document));
            while (named.find()) {
                if (!exists.test(document, named.group(1))) {
                    missing.add(Checkout.ROOT.relativize(document) + " names " + named.group(1));
                }
            }
        }
        return missing;
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
