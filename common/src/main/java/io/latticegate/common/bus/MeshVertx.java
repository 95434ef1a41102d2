package io.latticegate.common.bus;

import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SerializationConfig;
import io.latticegate.common.config.MeshConfig;
import io.latticegate.common.crypto.MeshIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.concurrent.TimeUnit;

/**
 * Starts Vert.x: alone, or as a member of the clustered event bus with mutual TLS.
 *
 * <p>Hazelcast is used for membership and for the table of subscriptions only. No state of ours is in its maps, it
 * tells nobody about itself (phone-home, multicast and auto-detection are off), and Java serialisation at join is
 * limited to Vert.x's and Hazelcast's own classes.
 */
public final class MeshVertx {
    private static final int HEARTBEAT_GONE_SECONDS = 10;

    /** One JVM, no cluster. */
    public static Vertx standalone() {
        return Vertx.builder().with(options()).build();
    }

    /** A member of the mesh that {@code mesh} describes. */
    public static Future<Vertx> clustered(MeshConfig mesh, MeshIdentity identity) {
        MeshConfig.Tls tls = mesh.eventBus().tls();
        if (tls == null) {
            return Future.failedFuture(
                    new IllegalArgumentException("mesh.event_bus.tls is required when the mesh is clustered"));
        }
        String listenHost = mesh.eventBus().listen().host();
        EventBusOptions bus = new EventBusOptions()
                .setHost(listenHost)
                .setPort(mesh.eventBus().listen().port())
                .setSsl(true)
                .setClientAuth(ClientAuth.REQUIRED)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(tls.cert().toString())
                        .setKeyPath(tls.key().toString()))
                .setTrustOptions(new PemTrustOptions().addCertPath(tls.ca().toString()))
                .addEnabledSecureTransportProtocol("TLSv1.3")
                .removeEnabledSecureTransportProtocol("TLSv1.2")
                .setTcpNoDelay(true)
                .setConnectTimeout(2_000)
                .setReconnectAttempts(0)
                .setClusterPingInterval(2_000)
                .setClusterPingReplyInterval(2_000);
        String publicHost = mesh.eventBus().publicHost();
        if (publicHost != null) {
            bus.setClusterPublicHost(publicHost);
        }
        return Vertx.builder()
                .with(options().setEventBusOptions(bus))
                .withClusterManager(new AttestedClusterManager(hazelcast(mesh), identity))
                .buildClustered();
    }

    private static VertxOptions options() {
        return new VertxOptions()
                .setPreferNativeTransport(false)
                .setMaxEventLoopExecuteTime(200)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS);
    }

    private static Config hazelcast(MeshConfig mesh) {
        Config config = new Config();
        config.setClusterName("latticegate-" + mesh.name());
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", Integer.toString(HEARTBEAT_GONE_SECONDS));
        config.setProperty("hazelcast.merge.first.run.delay.seconds", "10");
        config.setProperty("hazelcast.merge.next.run.delay.seconds", "10");
        config.setProperty("hazelcast.operation.thread.count", "2");
        config.setProperty("hazelcast.partition.count", "31");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.getIntegrityCheckerConfig().setEnabled(false);

        NetworkConfig network = config.getNetworkConfig();
        network.setPort(mesh.hazelcastPort())
                .setPortAutoIncrement(mesh.discovery().mode() == MeshConfig.DiscoveryMode.TCP);
        String host = mesh.eventBus().listen().host();
        if (!host.isEmpty() && !host.equals("0.0.0.0")) {
            network.getInterfaces().setEnabled(true).addInterface(host);
        }
        JoinConfig join = network.getJoin();
        join.getMulticastConfig().setEnabled(false);
        join.getAutoDetectionConfig().setEnabled(false);
        switch (mesh.discovery().mode()) {
            case TCP -> {
                join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
                mesh.discovery()
                        .members()
                        .forEach(member -> join.getTcpIpConfig().addMember(member.toString()));
            }
            case KUBERNETES ->
                join.getKubernetesConfig()
                        .setEnabled(true)
                        .setProperty(
                                "service-dns", String.valueOf(mesh.discovery().serviceDns()))
                        .setProperty("service-port", Integer.toString(mesh.hazelcastPort()));
            case NONE -> throw new IllegalArgumentException("a cluster needs a discovery mode");
        }

        SerializationConfig serialization = config.getSerializationConfig();
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.getWhitelist().addPrefixes("io.vertx.", "com.hazelcast.", "java.lang.", "java.util.");
        serialization.setJavaSerializationFilterConfig(filter);

        config.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET)
                .setBackupCount(1));
        config.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(1));
        config.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(1));
        return config;
    }

    private MeshVertx() {}
}
