package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The own protocol of Hugging Face's Text Generation Inference: {@code /generate} and {@code /generate_stream}. A server has
 * one model, so that a script can only be queued or set as a rule.
 */
final class TextGeneration implements Dialect {
    static final TextGeneration DIALECT = new TextGeneration();

    private TextGeneration() {}

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        return OpenAi.bearer(headers);
    }

    @Override
    public String model(HttpCall call) {
        return "";
    }

    @Override
    public Reply answer(HttpCall call) {
        if (!call.method().equals("POST")) {
            throw new Refusal(405, "Method Not Allowed");
        }
        JsonObject body = call.bodyOr("Failed to parse the request body as JSON");
        if (!(body.getValue("inputs") instanceof String inputs) || inputs.isEmpty()) {
            throw new Refusal(422, "Input validation error: `inputs` cannot be empty");
        }
        JsonObject parameters = body.getJsonObject("parameters", new JsonObject());
        Double topP = parameters.getDouble("top_p");
        if (topP != null && (topP <= 0 || topP >= 1)) {
            throw new Refusal(422, "Input validation error: `top_p` must be > 0.0 and < 1.0");
        }
        Double temperature = parameters.getDouble("temperature");
        if (temperature != null && temperature <= 0) {
            throw new Refusal(422, "Input validation error: `temperature` must be strictly positive");
        }
        boolean streamed = call.path().equals("/generate_stream");
        Answer answer = Answer.to(Ask.plain(
                        "",
                        call.script(),
                        streamed,
                        inputs,
                        Math.max(1, Tokens.of(inputs)),
                        parameters.getInteger("max_new_tokens", Integer.MAX_VALUE))
                .withTextSchema(
                        parameters.getJsonObject("grammar", new JsonObject()).getValue("value")));
        return streamed ? Reply.events(frames(call.script(), answer)) : whole(answer);
    }

    private static JsonObject details(Answer answer) {
        return JsonObject.of(
                "finish_reason",
                answer.finish() == Answer.Finish.LENGTH ? "length" : "eos_token",
                "generated_tokens",
                answer.outputTokens(),
                "seed",
                null);
    }

    /** Without {@code decoder_input_details} the original does not list the prompt's tokens. */
    private static Reply whole(Answer answer) {
        return Reply.json(
                200,
                JsonObject.of(
                        "generated_text",
                        answer.text(),
                        "details",
                        details(answer).put("prefill", new JsonArray()).put("tokens", new JsonArray())));
    }

    private static List<Frame> frames(Script script, Answer answer) {
        List<Frame> frames = new ArrayList<>();
        int index = 1;
        for (String piece : answer.pieces()) {
            frames.add(Frame.data(token(index++, piece, false), true));
        }
        JsonObject details = details(answer);
        if (!script.usageOmitted()) {
            details.put("input_length", answer.inputTokens());
        }
        frames.add(Frame.data(
                token(index, "</s>", true).put("generated_text", answer.text()).put("details", details), false));
        return frames;
    }

    private static JsonObject token(int index, String text, boolean special) {
        return JsonObject.of(
                "index",
                index,
                "token",
                JsonObject.of("id", index, "text", text, "logprob", -0.1, "special", special),
                "generated_text",
                null,
                "details",
                null);
    }

    private static JsonObject error(String explanation, String type) {
        return JsonObject.of("error", explanation, "error_type", type);
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        String type = switch (status) {
            case 422 -> "validation";
            case 424 -> "generation";
            case 429 -> "overloaded";
            default -> "incomplete_generation";
        };
        return status == 401
                ? Reply.json(status, JsonObject.of("error", explanation))
                : Reply.json(status, error(explanation, type));
    }

    @Override
    public Frame errorFrame() {
        return Frame.data(error("Request failed during generation: Server error", "generation"), false);
    }

    @Override
    public Refusal unauthorized(@Nullable String credential) {
        return new Refusal(401, "Invalid API key");
    }
}
