package io.latticegate.standalone;

import io.latticegate.common.config.LatticegateConfig;
import java.io.PrintStream;

/** The command that a person can paste to see a first answer. */
final class FirstRequest {
    static void print(PrintStream out, LatticegateConfig config, String url, String token) {
        if (config.providers().values().stream()
                .noneMatch(one -> one.enabled() && one.name().equals("echo"))) {
            return;
        }
        out.println("Try:");
        out.println("  curl -N " + url + "/v1/chat/completions \\");
        out.println("    -H 'Authorization: Bearer " + token + "' -H 'Content-Type: application/json' \\");
        out.println("    -d '{\"model\":\"echo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"
                + "\"Hello, mesh\"}]}'");
    }

    private FirstRequest() {}
}
