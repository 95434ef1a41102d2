package io.latticegate.admin.manage;

import io.latticegate.common.journal.AuditActor;

/**
 * Who makes a management call.
 *
 * @param actor as the audit names it
 */
record Principal(AuditActor actor, Role role) {
    /** The holder of {@code management.management_token}. */
    static final Principal MANAGEMENT = new Principal(new AuditActor(AuditActor.Kind.MANAGEMENT, ""), Role.ADMIN);
}
