package io.latticegate.e2e.mesh;

import io.latticegate.common.value.ServiceRole;
import io.latticegate.e2e.LocalMesh;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands every test the same mesh, started once and healed before each test: starting processes is what costs time. */
final class SharedMesh implements ParameterResolver, BeforeEachCallback {
    private static final ExtensionContext.Namespace PLACE = ExtensionContext.Namespace.create(SharedMesh.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalMesh.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return mesh(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        mesh(context).heal();
    }

    private static LocalMesh mesh(ExtensionContext context) {
        return context.getRoot().getStore(PLACE).computeIfAbsent(LocalMesh.class, unused -> start(), LocalMesh.class);
    }

    private static LocalMesh start() {
        Map<ServiceRole, Integer> instances = new LinkedHashMap<>();
        instances.put(ServiceRole.AUTH, 2);
        instances.put(ServiceRole.VAULT, 1);
        instances.put(ServiceRole.ADMIN, 1);
        instances.put(ServiceRole.PROXY, 3);
        long from = System.nanoTime();
        LocalMesh mesh = LocalMesh.start(instances);
        System.out.printf("mesh of 7 processes ready in %d ms%n", (System.nanoTime() - from) / 1_000_000);
        return mesh;
    }
}
