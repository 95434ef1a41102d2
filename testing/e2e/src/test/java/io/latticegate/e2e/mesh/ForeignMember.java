package io.latticegate.e2e.mesh;

import com.hazelcast.config.Config;
import com.hazelcast.config.MultiMapConfig;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.bus.SignedExchange;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.ConfigApi;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.crypto.MeshAuthority;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process that knows the cluster's name and its members and nothing else: it joins, registers on every address with a
 * certificate of its own making, and asks the vault for a key. Arguments: cluster name, ports of members.
 */
final class ForeignMember {
    static void main(String[] args) throws IOException {
        SecureRandom random = new SecureRandom();
        Path folder = Files.createTempDirectory("latticegate-foreign-");
        MeshIdentity identity =
                MeshAuthority.create("foreign", InstantSource.system(), random).issue(ServiceRole.VAULT, "foreign");
        identity.write(folder);
        EventBusOptions bus = new EventBusOptions()
                .setHost("127.0.0.1")
                .setPort(0)
                .setSsl(true)
                .setTrustAll(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(folder.resolve("tls.crt").toString())
                        .setKeyPath(folder.resolve("tls.key").toString()));
        HazelcastClusterManager cluster = new HazelcastClusterManager(hazelcast(args));
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions().setEventBusOptions(bus))
                .withClusterManager(cluster)
                .buildClustered()
                .await();
        MeshBus asking = MeshBus.on(vertx, new SignedExchange(identity, InstantSource.system(), random));
        // Before it serves the address itself, so that the question can only go to the vault.
        var answer = asking.askSigned(VaultApi.LEASE_KEY, new VaultApi.LeaseKey(VaultApi.Owner.gateway(), "openai"))
                .map(reply -> "SECRET " + reply.reply())
                .otherwise(fault -> "refused " + fault.getMessage())
                .await();
        System.out.println(answer);
        List<Future<?>> registered = new ArrayList<>();
        addresses().forEach(address -> {
            MessageConsumer<Object> consumer = vertx.eventBus().consumer(address, message -> {
                System.out.println("received " + address);
                message.reply("foreign");
            });
            registered.add(consumer.completion());
        });
        Future.all(registered).await();
        System.out.println("foreign ready on " + registered.size() + " addresses, cluster of "
                + cluster.getHazelcastInstance().getCluster().getMembers().size());
    }

    private static Stream<String> addresses() {
        return Stream.concat(
                Stream.of(
                                AuthApi.endpoints(),
                                VaultApi.endpoints(),
                                AuditApi.endpoints(),
                                ConfigApi.endpoints(),
                                FheApi.endpoints())
                        .flatMap(Collection::stream)
                        .map(Endpoint::address),
                Stream.of(AuthApi.REVOKED.address(), VaultApi.CHANGED.address()));
    }

    private static Config hazelcast(String[] args) {
        Config config = new Config();
        config.setClusterName(args[0]);
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.partition.count", "31");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        config.getNetworkConfig().setPort(Integer.parseInt(args[1]));
        var join = config.getNetworkConfig().getJoin();
        join.getMulticastConfig().setEnabled(false);
        join.getAutoDetectionConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        for (int i = 2; i < args.length; i++) {
            join.getTcpIpConfig().addMember("127.0.0.1:" + args[i]);
        }
        config.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET)
                .setBackupCount(1));
        return config;
    }

    private ForeignMember() {}
}
