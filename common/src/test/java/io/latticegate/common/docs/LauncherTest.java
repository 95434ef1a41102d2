package io.latticegate.common.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout whose Maven, JDK and package tools are scripts that write down how they were called. */
@Timeout(60)
class LauncherTest {
    private static final List<String> TOOLS = List.of(
            "sh",
            "sed",
            "find",
            "head",
            "tr",
            "awk",
            "dirname",
            "readlink",
            "mkdir",
            "chmod",
            "mktemp",
            "rm",
            "mv",
            "ls",
            "cat",
            "env",
            "tee",
            "touch");

    @TempDir
    Path folder = Path.of("");

    private Path root = Path.of("");
    private Path bin = Path.of("");
    private Path jdk = Path.of("");

    private record Outcome(int status, String out, String err) {}

    @BeforeEach
    void layOut() throws IOException {
        root = Files.createDirectory(folder.resolve("checkout"));
        bin = Files.createDirectory(folder.resolve("bin"));
        for (String tool : TOOLS) {
            Path program = Stream.of("/usr/bin", "/bin")
                    .map(place -> Path.of(place, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            script(bin.resolve(tool), "exec " + program + " \"$@\"");
        }
        Files.createDirectories(root.resolve(".mvn"));
        Files.copy(Checkout.ROOT.resolve("latticegate"), root.resolve("latticegate"));
        for (String name : List.of("find-jdk.sh", "runtime.jvmargs")) {
            Files.copy(
                    Checkout.ROOT.resolve(".mvn").resolve(name),
                    root.resolve(".mvn").resolve(name));
        }
        Files.createDirectories(root.resolve("common/src/main/java"));
        script(
                root.resolve("mvnw"),
                "echo \"mvnw $*\"; case \"$*\" in *package*) mkdir -p standalone/target/dist/lib admin-service/verifier/target/dist/lib;; esac; exit ${MVNW_STATUS:-0}");
        jdk = folder.resolve("jdk");
        script(jdk.resolve("bin/java"), "echo \"java $*\"");
        script(jdk.resolve("bin/javac"), "exit 1");
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
        script(bin.resolve("id"), "echo 1000");
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void program(String... names) throws IOException {
        for (String name : names) {
            script(bin.resolve(name), "echo \"" + name + " $*\"");
        }
    }

    private Outcome run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 2];
        command[0] = "sh";
        command[1] = root.resolve("latticegate").toString();
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("LATTICEGATE_JAVA_HOME", jdk.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void printsHelpWithoutAnArgument() throws Exception {
        Outcome help = run(Map.of());
        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("up [--config FILE] [--data DIR] [--mesh]", "test", "bench", "help");
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        assertThat(run(Map.of(), "down").status()).isEqualTo(2);
        assertThat(run(Map.of(), "up", "--port", "1")).satisfies(refused -> {
            assertThat(refused.status()).isEqualTo(2);
            assertThat(refused.err()).contains("up does not know --port");
        });
        assertThat(run(Map.of(), "up", "--data").err()).contains("--data needs a value");
        assertThat(run(Map.of(), "up", "--config", "nowhere.yaml").err()).contains("nowhere.yaml cannot be read");
    }

    @Test
    void buildsOnceAndAgainOnlyAfterAChange() throws Exception {
        assertThat(run(Map.of(), "up").out())
                .contains("package -pl standalone -am")
                .contains("StandaloneMain up");
        assertThat(run(Map.of(), "up").out()).doesNotContain("mvnw").contains("StandaloneMain up");
        Path source = Files.writeString(root.resolve("common/src/main/java/A.java"), "class A {}");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(run(Map.of(), "up").out()).contains("mvnw");
    }

    @Test
    void startsNothingAfterAFailedBuild() throws Exception {
        Outcome failed = run(Map.of("MVNW_STATUS", "1"), "up");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err()).contains("the build failed");
        assertThat(failed.out()).doesNotContain("java ");
        assertThat(run(Map.of(), "up").out()).contains("mvnw", "StandaloneMain");
    }

    @Test
    void passesAbsolutePathsAndAPrivateTemporaryFolder() throws Exception {
        Files.writeString(folder.resolve("own.yaml"), "");
        Outcome up = run(Map.of(), "up", "--data", "my data", "--config", "own.yaml");
        Path data = folder.resolve("my data");
        assertThat(up.out())
                .contains("StandaloneMain up --data " + data + " --config " + folder.resolve("own.yaml"))
                .contains("-Djava.io.tmpdir=" + data.resolve("tmp"))
                .contains("@" + root.resolve(".mvn/runtime.jvmargs"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("tmp"))))
                .isEqualTo("rwx------");
    }

    @Test
    void startsTheMeshWhereAsked() throws Exception {
        assertThat(run(Map.of(), "up", "--mesh", "--data", "d").out())
                .contains("io.latticegate.standalone.MeshLauncher up --data " + folder.resolve("d"));
    }

    @Test
    void validatesAConfigurationByItsAbsolutePath() throws Exception {
        assertThat(run(Map.of(), "validate-config", "--config", "own.yaml", "--service", "auth-service")
                        .out())
                .contains("io.latticegate.standalone.ValidateConfigMain --config " + folder.resolve("own.yaml")
                        + " --service auth-service");
        assertThat(run(Map.of(), "validate-config", "--strict")).satisfies(refused -> {
            assertThat(refused.status()).isEqualTo(2);
            assertThat(refused.err()).contains("validate-config does not know --strict");
        });
    }

    @Test
    void verifiesTheAuditWithAProgramOfItsOwn() throws Exception {
        assertThat(run(Map.of(), "verify-audit", "--dir", "kept", "--pruned-before", "7", "--url", "http://h:1")
                        .out())
                .contains("-pl admin-service/verifier -am")
                .contains("io.latticegate.verify.VerifyMain --dir " + folder.resolve("kept")
                        + " --pruned-before 7 --url http://h:1");
        assertThat(run(Map.of(), "verify-audit", "--fast")).satisfies(refused -> {
            assertThat(refused.status()).isEqualTo(2);
            assertThat(refused.err()).contains("verify-audit does not know --fast");
        });
    }

    @Test
    void saysWhichJdkIsMissing() throws Exception {
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        script(
                root.resolve(".mvn/find-jdk.sh"),
                Files.readString(Checkout.ROOT.resolve(".mvn/find-jdk.sh")).replace("/usr/lib/jvm/*", ""));
        Outcome refused = run(Map.of(), "up");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("A JDK >= 25 is needed", jdk + " (release 17)");
    }

    @Test
    void namesMissingPackagesWhereItMayNotInstall() throws Exception {
        program("mvn", "initdb");
        Outcome refused = run(Map.of(), "test");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("install the Debian packages redis-server softhsm2 nodejs npm");
        assertThat(refused.out()).doesNotContain("mvnw");
    }

    @Test
    void installsMissingPackagesThenRunsMavenAndKeepsItsStatus() throws Exception {
        program("mvn", "initdb", "node", "npm", "redis-server", "sudo", "apt-get");
        Outcome tested = run(Map.of("MVNW_STATUS", "3"), "test", "-pl", "common", "-Dmaven.repo.local=/r");
        assertThat(tested.status()).isEqualTo(3);
        assertThat(tested.err())
                .containsSubsequence(
                        "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -q update",
                        "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install softhsm2");
        assertThat(tested.out()).contains("mvnw verify -pl common -Dmaven.repo.local=/r");
    }

    @Test
    void sumsWhatSurefireReportedInThisRunOnly() throws Exception {
        program("mvn", "initdb", "node", "npm", "redis-server", "softhsm2-util", "g++", "promtool", "chromium");
        Path reports = Files.createDirectories(root.resolve("common/target/surefire-reports"));
        report(reports.resolve("TEST-old.xml"), 100, 100);
        Files.setLastModifiedTime(
                reports.resolve("TEST-old.xml"), FileTime.from(Instant.now().minusSeconds(60)));
        report(folder.resolve("new-1.xml"), 7, 1);
        report(folder.resolve("new-2.xml"), 5, 0);
        script(
                root.resolve("mvnw"),
                "cat " + folder + "/new-1.xml > " + reports + "/TEST-1.xml; cat " + folder + "/new-2.xml > " + reports
                        + "/TEST-2.xml");
        assertThat(run(Map.of(), "test").out().lines().toList().getLast())
                .isEqualTo("Tests run: 12, Failures: 1, Errors: 0, Skipped: 0");
    }

    private static void report(Path file, int tests, int failures) throws IOException {
        Files.writeString(
                file,
                "<?xml version=\"1.0\"?>\n<testsuite version=\"3.0.2\" name=\"a\" time=\"1.0\" tests=\"" + tests
                        + "\" errors=\"0\" skipped=\"0\" failures=\"" + failures + "\">\n</testsuite>\n");
    }

    @Test
    void startsWithTheArgumentsThatTheTestsRunWith() throws IOException {
        String pom = Files.readString(Checkout.ROOT.resolve("pom.xml"));
        String property = pom.substring(
                pom.indexOf("<latticegate.jvm.args>") + "<latticegate.jvm.args>".length(),
                pom.indexOf("</latticegate.jvm.args>"));
        List<String> file = Files.readAllLines(Checkout.ROOT.resolve(".mvn/runtime.jvmargs"));
        assertThat(file.stream().flatMap(line -> Arrays.stream(line.split(" "))))
                .containsAll(Arrays.asList(property.trim().split("\\s+")));
    }
}
