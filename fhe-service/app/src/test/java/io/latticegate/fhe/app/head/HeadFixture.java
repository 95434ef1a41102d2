package io.latticegate.fhe.app.head;

import io.latticegate.common.config.FheConfig;
import io.latticegate.common.config.HostPort;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.scheme.Schemes;
import io.latticegate.fhe.app.store.Folder;
import io.latticegate.fhe.core.backend.Backends;
import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Small heads, and stores of them. */
final class HeadFixture {
    static final Scheme S14 = new Schemes(Backends.cpu()).require("S14");
    static final String OWNER = "0199f0a0-0000-7000-8000-000000000001";
    static final String READER = "0199f0a0-0000-7000-8000-000000000002";
    static final int HEADS_MAX = 3;

    /** One of the nodes that share a folder. */
    static HeadStore store(Path dir) throws IOException {
        FheConfig config = new FheConfig(
                true,
                new HostPort("127.0.0.1", 0),
                List.of(),
                dir,
                Duration.ofHours(1),
                Duration.ZERO,
                1L << 20,
                new FheConfig.Uploads(1, Duration.ofMinutes(1), 1),
                new FheConfig.Queue(1, 16L << 20, 1, Duration.ofSeconds(1)),
                new FheConfig.Quota(1, 1L << 20),
                new FheConfig.Heads(HEADS_MAX, 1L << 20),
                new FheConfig.Indexes(1, 1L << 20, 1),
                new FheConfig.Cache(1L << 20, Duration.ofMinutes(1)),
                new FheConfig.Accelerator(FheConfig.Accelerator.Kind.CPU, 0, 1L << 30));
        return new HeadStore(new Folder(dir, new SecureRandom()), config, () -> Instant.parse("2026-11-21T12:00:00Z"));
    }

    /** Four numbers in, two scores out. */
    static HeadModel model(double bias) {
        return HeadModel.of(
                4,
                List.of(
                        new HeadModel.Layer(
                                new double[][] {{1, 0, 0.5, 0}, {0, -1, 0, 0.25}},
                                new double[] {bias, 0},
                                new Activation.Polynomial(new double[] {0, 0.5, 0.25})),
                        new HeadModel.Layer(
                                new double[][] {{1, 0}, {0.5, 0.5}}, new double[] {0, 1}, new Activation.Square())));
    }

    static HeadUpload upload(double bias) {
        return new HeadUpload(model(bias), List.of("yes", "no"), List.of(READER));
    }

    private HeadFixture() {}
}
