package io.latticegate.fhe.app.ops;

import io.latticegate.fhe.app.http.Members;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.wire.Compression;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks to compute: values are numbered, inputs first, then one for each step.
 *
 * @param steps their operands' numbers are not yet held against the number of inputs
 * @param outputs numbers of the values to return
 * @param job the client's name for the job
 */
record OpsRequest(
        List<Step> steps,
        List<Integer> outputs,
        Compression compression,
        Duration deadline,
        @Nullable String job) {
    static final int STEPS_MAX = 64;
    static final int INPUTS_MAX = 16;
    static final int OUTPUTS_MAX = 16;
    private static final int VALUES_MAX = STEPS_MAX + INPUTS_MAX;
    private static final int DEADLINE_MILLIS = 30_000;

    /** @throws Refusal 400 */
    static OpsRequest from(JsonObject json, Scheme scheme, Duration maxDeadline) {
        Members members = new Members(json, "Frame 0", "steps", "outputs", "compression", "deadline_ms", "job");
        List<Step> steps = new ArrayList<>();
        for (JsonObject step : members.objects("steps", 0, STEPS_MAX)) {
            steps.add(step(step, "steps[" + steps.size() + "]", scheme));
        }
        int longest = Math.toIntExact(maxDeadline.toMillis());
        return new OpsRequest(
                List.copyOf(steps),
                List.copyOf(members.numbers("outputs", 1, OUTPUTS_MAX, 0, VALUES_MAX - 1)),
                compression(members.findText("compression")),
                Duration.ofMillis(members.number("deadline_ms", 1, longest, Math.min(longest, DEADLINE_MILLIS))),
                members.findText("job"));
    }

    private static Compression compression(@Nullable String name) {
        return switch (name) {
            case null -> Compression.NONE;
            case "none" -> Compression.NONE;
            case "zlib" -> Compression.ZLIB;
            default -> throw Refusal.invalid("Frame 0: compression must be none or zlib");
        };
    }

    private static Step step(JsonObject json, String where, Scheme scheme) {
        Object name = json.getValue("op");
        Operation operation = Arrays.stream(Operation.values())
                .filter(known -> known.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.invalid(where + ": op must be one of "
                        + Arrays.stream(Operation.values())
                                .map(Operation::wireName)
                                .collect(Collectors.joining(", "))));
        Members members = switch (operation) {
            case ADD, SUBTRACT, MULTIPLY -> new Members(json, where, "op", "a", "b");
            case MOD_SWITCH -> new Members(json, where, "op", "a", "level");
            case ROTATE -> new Members(json, where, "op", "a", "by");
            default -> new Members(json, where, "op", "a");
        };
        int a = members.number("a", 0, VALUES_MAX - 1);
        int most = scheme.parameters().slots() - 1;
        int argument = switch (operation) {
            case MOD_SWITCH -> members.number("level", 0, scheme.parameters().topLevel());
            case ROTATE -> members.number("by", -most, most);
            default -> 0;
        };
        if (operation == Operation.ROTATE && argument == 0) {
            throw Refusal.invalid(where + ": by must not be 0");
        }
        return new Step(operation, a, operation.operands() == 2 ? members.number("b", 0, VALUES_MAX - 1) : a, argument);
    }
}
