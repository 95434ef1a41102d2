package io.latticegate.common.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How services find and trust each other. Without discovery everything runs in one JVM and nothing here is used.
 *
 * @param name cluster name; meshes of different names do not join
 * @param hazelcastPort 0 lets the system choose
 */
public record MeshConfig(String name, Discovery discovery, EventBus eventBus, int hazelcastPort) {
    private static final Range<Integer> PORT = Range.of(0, 65_535);

    public MeshConfig {
        IllegalSetting.unless(
                name.matches("[A-Za-z0-9._-]{1,64}"),
                "name",
                "must be 1 to 64 letters, digits, dots, dashes, underscores");
        PORT.check("hazelcast.port", hazelcastPort);
    }

    /** Whether services run as several processes. */
    public boolean clustered() {
        return discovery.mode() != DiscoveryMode.NONE;
    }

    /** How members are found. */
    public enum DiscoveryMode {
        NONE,
        TCP,
        KUBERNETES
    }

    /**
     * @param members for {@code tcp}: where to look for the first members
     * @param serviceDns for {@code kubernetes}: name of the headless service
     */
    public record Discovery(
            DiscoveryMode mode,
            List<HostPort> members,
            @Nullable String serviceDns) {
        public Discovery {
            members = List.copyOf(members);
            IllegalSetting.unless(
                    mode != DiscoveryMode.TCP || !members.isEmpty(), "members", "mode tcp needs at least one member");
            IllegalSetting.unless(
                    mode != DiscoveryMode.KUBERNETES || serviceDns != null,
                    "service_dns",
                    "mode kubernetes needs the name of the headless service");
        }

        static Discovery from(ConfigNode node) {
            return new Discovery(
                    node.get(
                            "mode",
                            SettingType.choice(DiscoveryMode.class),
                            DiscoveryMode.NONE,
                            "none: all services in one JVM; otherwise how processes find each other"),
                    node.list(
                            "members",
                            SettingType.HOST_PORT,
                            List.of(),
                            "For tcp: Hazelcast addresses at which to look for members"),
                    node.find("service_dns", SettingType.TEXT, "For kubernetes: DNS name of the headless service"));
        }
    }

    /**
     * The clustered event bus.
     *
     * @param publicHost address told to other members, where it is not the one listened on
     * @param tls required when clustered
     */
    public record EventBus(
            HostPort listen,
            @Nullable String publicHost,
            @Nullable Tls tls) {
        static EventBus from(ConfigNode node) {
            return new EventBus(
                    node.get(
                            "listen",
                            SettingType.HOST_PORT,
                            new HostPort("0.0.0.0", 7800),
                            "Address of the clustered event bus; port 0: any free port"),
                    node.find(
                            "public_host",
                            SettingType.TEXT,
                            "Address told to other members, where it is not the one listened on"),
                    node.section("tls", Tls::from).orElse(null));
        }
    }

    /** PEM files of the mesh's own certificate authority and of this member. */
    public record Tls(Path ca, Path cert, Path key) {
        static Optional<Tls> from(ConfigNode node) {
            Path ca = node.find("ca", SettingType.FILE, "PEM file of the mesh's certificate authority");
            Path cert = node.find("cert", SettingType.FILE, "PEM file of this member's certificate chain");
            Path key = node.find("key", SettingType.FILE, "PEM file of this member's private key (PKCS #8)");
            if (ca == null && cert == null && key == null) {
                return Optional.empty();
            }
            if (ca == null || cert == null || key == null) {
                throw new IllegalSetting(
                        ca == null ? "ca" : cert == null ? "cert" : "key",
                        "ca, cert and key are given together or not at all");
            }
            return Optional.of(new Tls(ca, cert, key));
        }
    }

    static MeshConfig from(ConfigNode node) {
        return new MeshConfig(
                node.get("name", SettingType.TEXT, "default", "Cluster name; meshes of different names do not join"),
                node.section("discovery", Discovery::from),
                node.section("event_bus", EventBus::from),
                node.section(
                        "hazelcast",
                        hazelcast -> hazelcast.get(
                                "port",
                                SettingType.INTEGER,
                                5701,
                                PORT,
                                "Port of Hazelcast's member traffic; 0: any free port")));
    }
}
