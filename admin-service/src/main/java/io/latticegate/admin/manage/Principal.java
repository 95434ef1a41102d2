package io.latticegate.admin.manage;

import io.latticegate.admin.session.Account;
import io.latticegate.admin.session.Sessions.Holder;
import io.latticegate.common.journal.AuditActor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a management call.
 *
 * @param actor as the audit names it
 * @param limit where its calls may reach
 */
record Principal(AuditActor actor, Role role, ProjectLimit limit) {
    /** The holder of {@code management.management_token}. */
    static final Principal MANAGEMENT = new Principal(new AuditActor(AuditActor.Kind.MANAGEMENT, ""), Role.ADMIN);

    Principal(AuditActor actor, Role role) {
        this(actor, role, ProjectLimit.NONE);
    }

    /** A principal with a token of its own; empty: its role is none of this version's, so it may nothing. */
    static Optional<Principal> of(Account account) {
        return Role.named(account.role())
                .map(role -> new Principal(named(account.name()), role, limit(account.projects())));
    }

    /** Whoever is signed in. */
    static Optional<Principal> of(Holder holder) {
        return Role.named(holder.role())
                .map(role -> new Principal(
                        switch (holder.kind()) {
                            case MANAGEMENT -> MANAGEMENT.actor();
                            case PRINCIPAL -> named(holder.name());
                            case OIDC -> identity(holder.name());
                        },
                        role,
                        limit(holder.projects())));
    }

    /** Someone for whom an identity provider vouches. */
    static AuditActor identity(String name) {
        return new AuditActor(AuditActor.Kind.IDENTITY, "oidc:" + name);
    }

    private static AuditActor named(String name) {
        return new AuditActor(AuditActor.Kind.MANAGEMENT, "principal:" + name);
    }

    private static ProjectLimit limit(@Nullable List<String> projects) {
        return projects == null ? ProjectLimit.NONE : new ProjectLimit(Set.copyOf(projects));
    }
}
