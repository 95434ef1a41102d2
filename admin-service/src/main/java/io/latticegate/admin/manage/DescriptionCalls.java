package io.latticegate.admin.manage;

import io.latticegate.admin.openapi.ManagementDescription;
import io.latticegate.admin.openapi.Operation;
import java.util.List;
import java.util.function.Supplier;

/** The API's own description. */
final class DescriptionCalls implements Calls {
    private final ManagementDescription description = new ManagementDescription();
    private final Supplier<List<Operation>> offered;

    /** @param offered every call of the table */
    DescriptionCalls(Supplier<List<Operation>> offered) {
        this.offered = offered;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "api.describe", this::describe, "openapi.json");
    }

    /** {@code GET /manage/openapi.json}: OpenAPI 3.1. */
    Answer describe(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        return Answer.json(200, description.document(offered.get()));
    }
}
