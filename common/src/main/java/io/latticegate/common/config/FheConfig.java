package io.latticegate.common.config;

/**
 * The encrypted-compute service.
 *
 * @param listen its data listener
 */
public record FheConfig(boolean enabled, HostPort listen) {
    static FheConfig from(ConfigNode node) {
        return new FheConfig(
                node.get("enabled", SettingType.FLAG, false, "Whether encrypted compute is offered"),
                node.get(
                        "listen",
                        SettingType.HOST_PORT,
                        new HostPort("0.0.0.0", 8090),
                        "Address of fhe-service's data listener; port 0: any free port"));
    }
}
