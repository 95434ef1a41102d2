package io.latticegate.e2e.fhe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latticegate.client.FheClient;
import io.latticegate.client.HeadInfo;
import io.latticegate.client.SeedFile;
import io.latticegate.client.error.NotFoundException;
import io.latticegate.client.error.ServiceRefusalException;
import io.latticegate.client.error.StaleVersionException;
import io.latticegate.e2e.LocalStack;
import io.latticegate.fhe.core.client.head.HeadScores;
import io.latticegate.fhe.core.head.Activation;
import io.latticegate.fhe.core.head.HeadModel;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and private classification heads at the whole service. */
final class JavaClientHeadsTest {
    private static final int INPUT = 16;
    private static final List<String> LABELS = List.of("buy", "ask", "complain");

    private final SplittableRandom random = new SplittableRandom(11);

    private double[][] matrix(int rows, int columns) {
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            for (int column = 0; column < columns; column++) {
                row[column] = random.nextDouble(-1, 1);
            }
        }
        return matrix;
    }

    private HeadModel model() {
        return HeadModel.of(
                INPUT,
                List.of(
                        new HeadModel.Layer(matrix(8, INPUT), matrix(1, 8)[0], new Activation.Square()),
                        new HeadModel.Layer(matrix(3, 8), matrix(1, 3)[0], new Activation.None())));
    }

    private double[] embedding() {
        double[] embedding = matrix(1, INPUT)[0];
        double squares = 0;
        for (double number : embedding) {
            squares += number * number;
        }
        for (int i = 0; i < INPUT; i++) {
            embedding[i] /= Math.sqrt(squares);
        }
        return embedding;
    }

    @Test
    void scoresAreThoseOfTheModelWithinItsBound(@TempDir Path folder) {
        try (LocalStack stack = LocalStack.start();
                SeedFile seed = SeedFile.open(folder.resolve("seed"), new SecureRandom())) {
            String token = stack.token();
            try (FheClient client =
                    FheClient.to(URI.create(stack.fheUrl()), () -> token, seed).build()) {
                HeadModel model = model();
                HeadInfo head = client.heads().put("intent", model, LABELS);
                assertThat(head.labels()).isEqualTo(LABELS);
                for (int i = 0; i < 3; i++) {
                    double[] embedding = embedding();
                    HeadScores scores = client.heads().infer(head, embedding);
                    double[] expected = model.scores(embedding);
                    assertThat(scores.values()).hasSize(3);
                    for (int k = 0; k < 3; k++) {
                        assertThat(scores.values()[k]).isCloseTo(expected[k], within(head.errorBound()));
                    }
                }
                client.heads().put("intent", model(), LABELS);
                assertThatThrownBy(() -> client.heads().infer(head, embedding()))
                        .isInstanceOf(StaleVersionException.class);
                assertThat(client.heads()
                                .infer(client.heads().get("intent"), embedding())
                                .values())
                        .hasSize(3);

                client.heads().delete("intent");
                assertThatThrownBy(() -> client.heads().get("intent")).isInstanceOf(NotFoundException.class);
                assertThatThrownBy(() -> client.heads()
                                .put(
                                        "wide",
                                        HeadModel.of(
                                                INPUT,
                                                List.of(new HeadModel.Layer(
                                                        new double[][] {
                                                            {1e300, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
                                                        },
                                                        new double[] {0},
                                                        new Activation.Square()))),
                                        List.of()))
                        .isInstanceOfSatisfying(
                                ServiceRefusalException.class,
                                refusal -> assertThat(refusal.code()).isEqualTo("circuit_refused"));
            }
        }
    }
}
