package io.latticegate.proxy.relay;

import io.latticegate.proxy.dialect.tgi.TgiGenerate;
import io.latticegate.proxy.provider.ProviderKind;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The calls of a provider that this gateway serves itself, where it counts tokens or insists on a project's own key. */
public final class ServedPaths {
    /** A base URL may end with the version, so that a path without one reaches the same call. */
    private static final List<String> VERSIONS = List.of("", "/v1", "/v1beta", "/v2");

    /** What Azure, and others that speak OpenAI's protocol beside their own, have before a call's path. */
    private static final Pattern OPENAI_ROOT = Pattern.compile("^/openai(/deployments/[^/]+)?(?=/)");

    /** Whether {@code path}, in lower case, reaches such a call of a provider of that kind. */
    public static boolean contain(ProviderKind kind, String path) {
        if (kind == ProviderKind.TGI) {
            return path.equals(TgiGenerate.path(false)) || path.equals(TgiGenerate.path(true));
        }
        String call = kind == ProviderKind.OPENAI ? OPENAI_ROOT.matcher(path).replaceFirst("") : path;
        return VERSIONS.stream().map(version -> version + call).anyMatch(full -> serves(kind, full));
    }

    private static boolean serves(ProviderKind kind, String path) {
        boolean passes =
                Arrays.stream(Passthrough.values()).anyMatch(call -> call.protocol() == kind && call.matches(path));
        return passes
                || Arrays.stream(Operation.values())
                        .filter(operation -> operation.protocol() == kind)
                        .filter(operation -> operation.method().equals(HttpMethod.POST))
                        .map(operation -> operation.path().toLowerCase(Locale.ROOT))
                        .anyMatch(served -> reaches(served, path));
    }

    private static boolean reaches(String served, String path) {
        int call = served.indexOf("{model}");
        return call < 0 ? served.equals(path) : path.endsWith(served.substring(call + "{model}".length()));
    }

    private ServedPaths() {}
}
