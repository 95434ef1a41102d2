package io.latticegate.common.bus;

import com.hazelcast.config.Config;
import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.ConfigApi;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.VaultApi;
import io.latticegate.common.crypto.MeshIdentity;
import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.core.spi.cluster.RegistrationListener;
import io.vertx.core.spi.cluster.RegistrationUpdateEvent;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Hazelcast cluster in which being a member is not enough to be sent anything. Hazelcast's open-source edition lets
 * whoever knows the cluster's name join and register event-bus addresses; with round-robin delivery such a member would
 * make half of all questions fail although mutual TLS keeps their content from it.
 *
 * <p>Every node therefore publishes, beside its event-bus host and port, a signature by its mesh certificate over its
 * node id, host and port. Registrations of nodes without a valid attestation are hidden from the event bus, and so are
 * registrations of an address by a node whose certificate names another service than the address belongs to. A node id
 * is Hazelcast's own, so an attestation copied from an honest node does not fit.
 *
 * <p>What remains open to a rogue member is denial of service: it can delete subscriptions. The NetworkPolicy of the
 * chart fences the member port.
 */
final class AttestedClusterManager extends HazelcastClusterManager {
    private static final Logger LOG = LoggerFactory.getLogger(AttestedClusterManager.class);
    private static final String CERTIFICATE = "certificate";
    private static final String SIGNATURE = "signature";
    private static final int VERDICTS_MAX = 10_000;

    private final MeshIdentity identity;
    private final Map<String, ServiceRole> servers = new HashMap<>();
    private final Map<String, ServiceRole> roles = new ConcurrentHashMap<>();
    private final Map<String, Long> latest = new ConcurrentHashMap<>();
    private final AtomicLong updates = new AtomicLong();
    private final Map<RegistrationInfo, String> served = new ConcurrentHashMap<>();

    AttestedClusterManager(Config config, MeshIdentity identity) {
        super(config);
        this.identity = identity;
        Stream.of(
                        AuthApi.endpoints(),
                        VaultApi.endpoints(),
                        AuditApi.endpoints(),
                        ConfigApi.endpoints(),
                        FheApi.endpoints(),
                        OpsApi.endpoints())
                .flatMap(Collection::stream)
                .forEach((Endpoint<?, ?> endpoint) -> servers.put(endpoint.address(), endpoint.server()));
    }

    @Override
    public void setNodeInfo(NodeInfo info, Completable<Void> done) {
        byte[] signature = identity.sign(attested(getNodeId(), info.host(), info.port()));
        JsonObject metadata = new JsonObject()
                .put(CERTIFICATE, Base64.getEncoder().encodeToString(identity.certificateDer()))
                .put(SIGNATURE, Base64.getEncoder().encodeToString(signature));
        super.setNodeInfo(new NodeInfo(info.host(), info.port(), metadata), done);
    }

    @Override
    public void addRegistration(String address, RegistrationInfo registration, Completable<Void> done) {
        if (servers.containsKey(address)) {
            served.put(registration, address);
        }
        super.addRegistration(address, registration, done);
    }

    /** Takes the addresses that this node serves out of the cluster's table, while its own handlers still answer. */
    Future<Void> withdraw() {
        List<Future<Void>> removals = new ArrayList<>();
        served.forEach((registration, address) -> {
            Promise<Void> removal = Promise.promise();
            super.removeRegistration(address, registration, removal);
            removals.add(removal.future());
        });
        served.clear();
        return Future.all(removals).mapEmpty();
    }

    @Override
    public void registrationListener(RegistrationListener listener) {
        super.registrationListener(new RegistrationListener() {
            @Override
            public void registrationsUpdated(RegistrationUpdateEvent event) {
                long update = updates.incrementAndGet();
                latest.put(event.address(), update);
                trusted(event.address(), event.registrations())
                        .onSuccess(trusted -> {
                            if (latest.remove(event.address(), update)) {
                                listener.registrationsUpdated(new RegistrationUpdateEvent(event.address(), trusted));
                            }
                        })
                        .onFailure(fault -> LOG.warn("cannot check who serves {}", event.address(), fault));
            }

            @Override
            public void registrationsLost() {
                listener.registrationsLost();
            }

            @Override
            public boolean wantsUpdatesFor(String address) {
                return listener.wantsUpdatesFor(address);
            }
        });
    }

    @Override
    public void getRegistrations(String address, Completable<List<RegistrationInfo>> result) {
        Promise<List<RegistrationInfo>> all = Promise.promise();
        super.getRegistrations(address, all);
        all.future().compose(registrations -> trusted(address, registrations)).onComplete(result);
    }

    private Future<List<RegistrationInfo>> trusted(String address, @Nullable List<RegistrationInfo> registrations) {
        if (registrations == null || registrations.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        ServiceRole server = servers.get(address);
        List<Future<Optional<RegistrationInfo>>> checks = new ArrayList<>();
        for (RegistrationInfo registration : registrations) {
            checks.add(roleOf(registration.nodeId())
                    .map(role -> role.filter(known -> server == null || known == server)
                            .map(known -> registration)));
        }
        return Future.all(checks).map(done -> {
            List<RegistrationInfo> trusted = new ArrayList<>();
            checks.forEach(check -> check.result().ifPresent(trusted::add));
            return trusted;
        });
    }

    private Future<Optional<ServiceRole>> roleOf(String nodeId) {
        if (nodeId.equals(getNodeId())) {
            return Future.succeededFuture(Optional.of(identity.role()));
        }
        ServiceRole known = roles.get(nodeId);
        if (known != null) {
            return Future.succeededFuture(Optional.of(known));
        }
        Promise<NodeInfo> info = Promise.promise();
        getNodeInfo(nodeId, info);
        return info.future()
                .map(found -> {
                    Optional<ServiceRole> role = verify(nodeId, found);
                    role.ifPresentOrElse(
                            verified -> remember(nodeId, verified),
                            () -> LOG.warn(
                                    "cluster member {} proves no identity of this mesh and is sent nothing", nodeId));
                    return role;
                })
                .otherwise(Optional.empty());
    }

    private void remember(String nodeId, ServiceRole role) {
        if (roles.size() >= VERDICTS_MAX) {
            roles.clear();
        }
        roles.put(nodeId, role);
    }

    private Optional<ServiceRole> verify(String nodeId, @Nullable NodeInfo info) {
        if (info == null || info.metadata() == null) {
            return Optional.empty();
        }
        try {
            byte[] certificate = Base64.getDecoder().decode(info.metadata().getString(CERTIFICATE, ""));
            byte[] signature = Base64.getDecoder().decode(info.metadata().getString(SIGNATURE, ""));
            return identity.trust()
                    .verify(certificate, attested(nodeId, info.host(), info.port()), signature)
                    .map(peer -> peer.role());
        } catch (IllegalArgumentException | ClassCastException malformed) {
            return Optional.empty();
        }
    }

    private static byte[] attested(String nodeId, String host, int port) {
        return ("latticegate/node/v1|" + nodeId + "|" + host + "|" + port).getBytes(StandardCharsets.UTF_8);
    }
}
