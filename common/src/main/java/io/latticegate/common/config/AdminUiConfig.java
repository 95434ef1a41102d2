package io.latticegate.common.config;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The web interface below {@code /admin}.
 *
 * @param enabled whether it is served, and sessions are accepted in place of a bearer token
 * @param origin as browsers name it, such as {@code https://gateway.example}; null: whatever {@code Host} a request has
 * @param dataPort whether the data listener serves it as well
 */
public record AdminUiConfig(boolean enabled, @Nullable URI origin, DataPort dataPort) {
    /** When the data listener serves the web interface and the management API too. */
    public enum DataPort {
        NEVER,
        /** In a process of all services whose {@code server.host} is a loopback address. */
        LOOPBACK
    }

    public AdminUiConfig {
        IllegalSetting.unless(
                origin == null || isOrigin(origin),
                "origin",
                "must be an origin such as https://gateway.example, or http://127.0.0.1:8081 on this machine");
    }

    /** Whether the data listener serves it too, where that listens on {@code host}. */
    public boolean sharesDataPort(String host) {
        return enabled && dataPort == DataPort.LOOPBACK && WebAddress.isLoopback(host);
    }

    private static boolean isOrigin(URI origin) {
        return WebAddress.isSafe(origin)
                && (origin.getRawPath() == null || origin.getRawPath().isEmpty())
                && origin.getRawQuery() == null;
    }

    static AdminUiConfig from(ConfigNode node) {
        return new AdminUiConfig(
                node.get("enabled", SettingType.FLAG, true, "Whether /admin serves the web interface"),
                node.find(
                        "origin",
                        SettingType.ADDRESS,
                        "Origin under which browsers reach it, such as https://gateway.example; needed where a proxy"
                                + " changes Host, and by management.oidc"),
                node.get(
                        "data_port",
                        SettingType.choice(DataPort.class),
                        DataPort.NEVER,
                        "loopback: the data listener of a process of all services also serves /admin and /manage where"
                                + " server.host is a loopback address"));
    }
}
