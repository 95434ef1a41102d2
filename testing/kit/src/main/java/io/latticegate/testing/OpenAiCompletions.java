package io.latticegate.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/completions}, streamed and not. Several prompts are answered in order, one choice each. */
final class OpenAiCompletions {
    static Reply answer(JsonObject body, Script script) {
        List<String> prompts = prompts(body.getValue("prompt"));
        boolean streamed = Boolean.TRUE.equals(body.getValue("stream"));
        boolean usageWanted = body.getValue("stream_options") instanceof JsonObject options
                && Boolean.TRUE.equals(options.getValue("include_usage"));
        String model = body.getString("model");
        int outputTokensMax = body.getInteger("max_tokens", 16);
        List<Answer> answers = prompts.stream()
                .map(prompt -> Answer.to(
                        Ask.plain(model, script, streamed, prompt, Math.max(1, Tokens.of(prompt)), outputTokensMax)))
                .toList();
        int input = answers.stream().mapToInt(Answer::inputTokens).sum();
        int output = answers.stream().mapToInt(Answer::outputTokens).sum();
        JsonObject usage = script.usageOmitted()
                ? null
                : JsonObject.of("prompt_tokens", input, "completion_tokens", output, "total_tokens", input + output);
        String id = "cmpl-" + Ids.of(model, String.join("\n", prompts));
        return streamed ? streamed(id, model, answers, usageWanted ? usage : null) : whole(id, model, answers, usage);
    }

    private static List<String> prompts(@Nullable Object prompt) {
        return switch (prompt) {
            case String text -> List.of(text);
            case JsonArray texts
            when !texts.isEmpty() && texts.getValue(0) instanceof String ->
                texts.stream().map(String::valueOf).toList();
            case null -> throw new Refusal(400, "Missing required parameter: 'prompt'.", "prompt");
            default -> throw new Refusal(400, "Invalid type for 'prompt': expected a string or strings.", "prompt");
        };
    }

    private static JsonObject envelope(String id, String model, JsonArray choices) {
        return JsonObject.of(
                "id", id, "object", "text_completion", "created", Ids.CREATED, "model", model, "choices", choices);
    }

    private static JsonObject choice(int index, String text, @Nullable String finish) {
        return JsonObject.of("text", text, "index", index, "logprobs", null, "finish_reason", finish);
    }

    private static Reply whole(String id, String model, List<Answer> answers, @Nullable JsonObject usage) {
        JsonArray choices = new JsonArray();
        for (int i = 0; i < answers.size(); i++) {
            choices.add(choice(i, answers.get(i).text(), OpenAiChat.finish(answers.get(i))));
        }
        JsonObject completion = envelope(id, model, choices);
        return Reply.json(200, usage == null ? completion : completion.put("usage", usage));
    }

    private static Reply streamed(String id, String model, List<Answer> answers, @Nullable JsonObject usage) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            for (String piece : answers.get(i).pieces()) {
                frames.add(frame(id, model, choice(i, piece, null), usage, true));
            }
            frames.add(frame(id, model, choice(i, "", OpenAiChat.finish(answers.get(i))), usage, false));
        }
        if (usage != null) {
            frames.add(Frame.data(envelope(id, model, new JsonArray()).put("usage", usage), false));
        }
        frames.add(Frame.of("data: [DONE]\n\n"));
        return Reply.events(frames);
    }

    private static Frame frame(
            String id, String model, JsonObject choice, @Nullable JsonObject usage, boolean content) {
        JsonObject chunk = envelope(id, model, JsonArray.of(choice));
        return Frame.data(usage == null ? chunk : chunk.putNull("usage"), content);
    }

    private OpenAiCompletions() {}
}
