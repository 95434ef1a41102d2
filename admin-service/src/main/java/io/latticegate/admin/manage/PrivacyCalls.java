package io.latticegate.admin.manage;

import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.FheApi.Budget;
import io.latticegate.common.contract.FheApi.ResetBudgetReply.BudgetReset;
import io.latticegate.common.contract.FheApi.ResetBudgetReply.NoSuchBudget;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The calls under {@code /manage/privacy/budgets}: what readers of encrypted-compute indexes have spent. */
final class PrivacyCalls implements Calls {
    private static final String FHE = "fhe-service";
    private static final int LISTED_DEFAULT = 100;
    private static final Pattern INDEX =
            Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}~[a-z0-9][a-z0-9._-]{0,63}");

    private final MeshBus bus;

    PrivacyCalls(MeshBus bus) {
        this.bus = bus;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.VIEWER, "privacy.list", this::list, "privacy", "budgets");
        rows.add("POST", Role.ADMIN, "privacy.reset", this::reset, "privacy", "budgets", "reset");
    }

    /** {@code GET /manage/privacy/budgets}: by project and index, with a link to the next page. */
    Answer list(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery("project_id", "projectId", "limit", "after");
        String project = request.query("project_id", "projectId");
        if (project != null && !ManageRequest.isUuid(project)) {
            throw Refused.badRequest("project_id must be the id of a project");
        }
        int limit = request.number("limit", LISTED_DEFAULT, FheApi.BUDGETS_MAX);
        String after = request.query().get("after");
        int divided = after == null ? 0 : after.indexOf('/');
        if (after != null && (divided < 0 || !isBudget(after.substring(0, divided), after.substring(divided + 1)))) {
            throw Refused.badRequest("after must be a project and an index of this listing, divided by a slash");
        }
        audited.project(project == null ? "" : project);
        List<Budget> budgets;
        try {
            budgets = bus.askSigned(
                            FheApi.PRIVACY_BUDGETS,
                            new FheApi.ListBudgets(
                                    project,
                                    after == null ? "" : after.substring(0, divided),
                                    after == null ? "" : after.substring(divided + 1),
                                    limit))
                    .await()
                    .reply()
                    .budgets();
        } catch (BusFault fault) {
            throw Refused.unanswered(FHE, fault, "nothing was listed");
        }
        audited.note("count", Integer.toString(budgets.size()));
        JsonArray all = new JsonArray();
        budgets.forEach(budget -> all.add(json(budget)));
        return Answer.json(all, budgets.size() < limit ? Map.of() : Map.of("Link", next(project, limit, budgets)));
    }

    private static String next(@Nullable String project, int limit, List<Budget> budgets) {
        Budget last = budgets.getLast();
        return "</manage/privacy/budgets?" + (project == null ? "" : "project_id=" + project + "&") + "limit=" + limit
                + "&after=" + last.project() + "/" + last.index() + ">; rel=\"next\"";
    }

    /** {@code POST /manage/privacy/budgets/reset}: the reader may spend the whole budget once more. */
    Answer reset(ManageRequest request, AuditedCall audited) {
        request.allowQuery();
        try (MemberValues members = request.members(Member.PROJECT, Member.INDEX)) {
            String project = members.text(Member.PROJECT);
            String index = members.text(Member.INDEX);
            if (project == null || index == null) {
                throw Refused.badRequest("project and index are required");
            }
            if (!isBudget(project, index)) {
                throw Refused.badRequest(
                        "project must be the id of a project, and index must read owner~name: the id of"
                                + " the project that owns it and 1 to 64 of a-z, 0-9, ., _ and -");
            }
            audited.project(project);
            audited.note("index", index);
            audited.begin();
            return reset(new FheApi.ResetBudget(request.requestId(), project, index), audited);
        }
    }

    private Answer reset(FheApi.ResetBudget question, AuditedCall audited) {
        FheApi.ResetBudgetReply reply;
        try {
            reply = bus.askSigned(FheApi.PRIVACY_RESET, question).await().reply();
        } catch (BusFault fault) {
            throw Refused.unanswered(
                    FHE, fault, "whether the budget was reset is unknown; list it before repeating the call");
        }
        return switch (reply) {
            case NoSuchBudget none -> throw Refused.notFound("privacy budget");
            case BudgetReset done -> {
                audited.note("generation", Long.toString(done.budget().generation()));
                yield Answer.json(200, json(done.budget()));
            }
        };
    }

    private static boolean isBudget(String project, String index) {
        return ManageRequest.isUuid(project) && INDEX.matcher(index).matches();
    }

    private static JsonObject json(Budget budget) {
        return new JsonObject()
                .put("project", budget.project())
                .put("index", budget.index())
                .put("generation", budget.generation())
                .put("composition", budget.composition())
                .put("epsilon_per_query", budget.epsilonPerQuery())
                .put("epsilon_budget", budget.epsilonBudget())
                .put("epsilon_spent", budget.epsilonSpent())
                .put("delta", budget.delta())
                .put("queries", budget.queries())
                .put("remaining_queries", budget.remainingQueries())
                .put("opened_at", Instant.ofEpochMilli(budget.openedAtMillis()).toString());
    }
}
