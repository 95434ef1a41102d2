package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's calls where Azure has them: below {@code /openai/v1}, and below {@code /openai/deployments/<deployment>} with
 * {@code api-version}, where the path decides on the model. The credential is {@code api-key}.
 */
final class AzureOpenAi implements Dialect {
    static final AzureOpenAi DIALECT = new AzureOpenAi();
    static final String ROOT = "/openai/";

    private static final Pattern DEPLOYMENT = Pattern.compile("/openai/deployments/([^/]+)(/.+)");

    private AzureOpenAi() {}

    @Override
    public @Nullable String credential(MultiMap headers, MultiMap query) {
        return headers.get("api-key");
    }

    @Override
    public String model(HttpCall call) {
        Matcher deployment = DEPLOYMENT.matcher(call.path());
        return deployment.matches() ? deployment.group(1) : OpenAi.DIALECT.model(call);
    }

    @Override
    public Reply answer(HttpCall call) {
        Matcher deployment = DEPLOYMENT.matcher(call.path());
        if (deployment.matches()) {
            if (!call.query().contains("api-version")) {
                throw new Refusal(404, "Resource not found");
            }
            JsonObject body = call.bodyOr("The request body is not JSON").copy().put("model", deployment.group(1));
            return OpenAi.DIALECT.answer(at("/v1" + deployment.group(2), call, body));
        }
        if (!call.path().startsWith(ROOT + "v1/")) {
            throw new Refusal(404, "Resource not found");
        }
        return OpenAi.DIALECT.answer(at(call.path().substring("/openai".length()), call, call.body()));
    }

    private static HttpCall at(String path, HttpCall call, @Nullable JsonObject body) {
        return new HttpCall(call.method(), path, call.headers(), call.query(), body, call.script());
    }

    @Override
    public Reply error(int status, String explanation, @Nullable String parameter) {
        return OpenAi.DIALECT.error(status, explanation, parameter);
    }

    @Override
    public Frame errorFrame() {
        return OpenAi.DIALECT.errorFrame();
    }

    @Override
    public Refusal unauthorized(@Nullable String credential) {
        return new Refusal(401, "Access denied due to invalid subscription key or wrong API endpoint.");
    }
}
