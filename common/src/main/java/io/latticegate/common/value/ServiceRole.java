package io.latticegate.common.value;

import java.util.Optional;

/** The five services of the mesh, as they appear in certificates, logs and configuration. */
public enum ServiceRole {
    AUTH("auth-service"),
    VAULT("vault-service"),
    PROXY("proxy-service"),
    FHE("fhe-service"),
    ADMIN("admin-service");

    private final String label;

    ServiceRole(String label) {
        this.label = label;
    }

    /** The service's name, for example {@code vault-service}. */
    public String label() {
        return label;
    }

    /** The role with this name, if there is one. */
    public static Optional<ServiceRole> fromLabel(String label) {
        for (ServiceRole role : values()) {
            if (role.label.equals(label)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
