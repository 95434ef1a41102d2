package io.latticegate.fhe.app.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderTest {
    private static final Path LOCK = Path.of("owners", "p", "counter.lock");
    private static final Path COUNTER = Path.of("owners", "p", "counter.json");
    private static final int THREADS = 4;
    private static final int CHANGES = 50;

    @TempDir
    Path dir;

    @Test
    void changesUnderOneLockDoNotMix() throws Exception {
        List<Callable<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Folder folder = new Folder(i % 2 == 0 ? dir : dir.resolve(Path.of("..", name(dir))), new SecureRandom());
            writers.add(() -> {
                int last = 0;
                for (int change = 0; change < CHANGES; change++) {
                    last = folder.changing(LOCK, () -> increment(folder));
                }
                return last;
            });
        }
        int greatest = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Integer> last : threads.invokeAll(writers)) {
                greatest = Math.max(greatest, last.get());
            }
        }

        assertThat(greatest).isEqualTo(THREADS * CHANGES);
    }

    @Test
    void aChangeThatFailsLetsTheNextOneIn() throws IOException {
        Folder folder = new Folder(dir, new SecureRandom());

        assertThatThrownBy(() -> folder.changing(LOCK, () -> {
                    throw new IOException("no space");
                }))
                .hasMessage("no space");

        assertThat(folder.changing(LOCK, () -> increment(folder))).isEqualTo(1);
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static int increment(Folder folder) throws IOException {
        JsonObject before = folder.read(COUNTER);
        int count = before == null ? 1 : before.getInteger("count") + 1;
        folder.write(COUNTER, new JsonObject().put("count", count));
        return count;
    }
}
