package io.latticegate.proxy.provider;

import io.latticegate.proxy.dialect.Refusal;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where Azure OpenAI has the calls of OpenAI's API (learn.microsoft.com/azure/foundry/openai/api-version-lifecycle). Without
 * a date they stand below {@code /openai/v1}, and the model in the body names the deployment. With a date, calls of a model
 * stand below {@code /openai/deployments/<deployment>} and all others below {@code /openai}, each with {@code api-version}.
 *
 * @param version {@code v1}, {@code preview}, or a date
 */
public record AzurePaths(String version) {
    private static final String VERSION_SEGMENT = "/v1";
    private static final String VERSION_PARAMETER = "api-version";
    private static final Pattern DEPLOYMENT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Set<String> OF_DEPLOYMENTS = Set.of(
            "/chat/completions",
            "/completions",
            "/embeddings",
            "/images/generations",
            "/images/edits",
            "/audio/speech",
            "/audio/transcriptions",
            "/audio/translations");

    /** Why a call cannot be made there, or null: a deployment stands in the path, where only a plain name is one. */
    @Nullable
    Refusal fault(String path, @Nullable String model) {
        if (!isDated() || !OF_DEPLOYMENTS.contains(withoutQuery(path)) || fits(model)) {
            return null;
        }
        return Refusal.invalid(
                "model",
                "model must name a deployment at this provider: 1 to 64 letters, digits, dots, dashes and underscores");
    }

    private static boolean fits(@Nullable String model) {
        return model != null && DEPLOYMENT.matcher(model).matches();
    }

    /**
     * The path and query at Azure.
     *
     * @param path as OpenAI has it, such as {@code /v1/chat/completions?a=b}, without {@link #fault}
     * @param model the deployment; null for calls that concern none
     */
    String at(String path, @Nullable String model) {
        String call = withoutQuery(path);
        List<String> query = queryOf(path);
        if (!isDated()) {
            String root = "/openai" + VERSION_SEGMENT + call;
            return version.equals("v1") ? joined(root, query) : joined(root, versioned(query));
        }
        boolean ofDeployment = OF_DEPLOYMENTS.contains(call);
        if (ofDeployment && !fits(model)) {
            throw new IllegalArgumentException("a deployment's name that is none must not reach a path");
        }
        return joined(ofDeployment ? "/openai/deployments/" + model + call : "/openai" + call, versioned(query));
    }

    private boolean isDated() {
        return Character.isDigit(version.charAt(0));
    }

    private List<String> versioned(List<String> query) {
        List<String> all = query.stream()
                .filter(each -> !each.regionMatches(true, 0, VERSION_PARAMETER, 0, VERSION_PARAMETER.length()))
                .collect(Collectors.toList());
        all.add(VERSION_PARAMETER + "=" + version);
        return all;
    }

    private static String joined(String path, List<String> query) {
        return query.isEmpty() ? path : path + "?" + String.join("&", query);
    }

    private static String withoutQuery(String path) {
        int question = path.indexOf('?');
        String call = question < 0 ? path : path.substring(0, question);
        return call.startsWith(VERSION_SEGMENT + "/") ? call.substring(VERSION_SEGMENT.length()) : call;
    }

    private static List<String> queryOf(String path) {
        int question = path.indexOf('?');
        return question < 0 || question == path.length() - 1
                ? List.of()
                : Arrays.asList(path.substring(question + 1).split("&", -1));
    }
}
