package io.latticegate.admin.manage;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a principal of the management API may do. A role may do everything that the roles before it may. */
enum Role {
    /** Reads everything that the API shows, which never includes a secret. */
    VIEWER,
    /** Creates and changes projects, tokens and keys, and purges caches. */
    OPERATOR,
    /** Changes the configuration, principals, budgets and encryption keys, and erases subjects. */
    ADMIN;

    boolean may(Role required) {
        return compareTo(required) >= 0;
    }

    /** The lower-case word of the wire format. */
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> named(String wireName) {
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(wireName))
                .findFirst();
    }
}
