package io.latticegate.admin.manage;

import io.latticegate.admin.subject.Subject;
import io.latticegate.admin.subject.SubjectErasure;
import io.latticegate.admin.subject.SubjectErasure.Erased;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonObject;

/** The call under {@code /manage/subjects}. */
final class SubjectCalls implements Calls {
    private final SubjectErasure erasure;

    SubjectCalls(SubjectErasure erasure) {
        this.erasure = erasure;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("POST", Role.ADMIN, "subject.erase", this::erase, "subjects", "erase");
    }

    /** {@code POST /manage/subjects/erase}; its own entry in the audit names the subject by a keyed hash. */
    Answer erase(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.KIND, Member.ID)) {
            String kind = members.text(Member.KIND);
            String id = members.text(Member.ID);
            if (kind == null || id == null) {
                throw Refused.badRequest("kind and id are required");
            }
            Subject subject = subject(kind, id);
            String pseudonym = erasure.pseudonym(subject);
            audited.note("kind", subject.kind().wireName());
            audited.note("subject", pseudonym);
            audited.begin();
            try {
                Erased erased = erasure.erase(subject);
                audited.note("count", Long.toString(erased.entries()));
                return Answer.json(
                        200,
                        new JsonObject()
                                .put("subject", pseudonym)
                                .put("kind", subject.kind().wireName())
                                .put("erased_at", erased.at().toString())
                                .put("entries", erased.entries()));
            } catch (StoreFault fault) {
                throw Refused.unavailable(
                        "the audit store failed on the way; what was begun is finished by itself as soon"
                                + " as the store answers, and the call may be repeated");
            }
        }
    }

    private static Subject subject(String kind, String id) {
        Subject.Kind known = Subject.Kind.named(kind)
                .orElseThrow(() -> Refused.badRequest("kind must be wallet, identity, client_ip or token"));
        try {
            return Subject.parse(known, id);
        } catch (IllegalArgumentException refused) {
            throw Refused.badRequest("id does not fit its kind: " + refused.getMessage());
        }
    }
}
