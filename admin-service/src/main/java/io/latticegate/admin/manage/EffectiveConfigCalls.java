package io.latticegate.admin.manage;

import io.latticegate.admin.rules.RulesBook;
import io.latticegate.common.config.ConfigDescription;
import io.latticegate.common.config.LatticegateConfig;
import io.latticegate.common.store.StoreFault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * The configuration under which this admin-service runs, with the rules in force, each value with its source. Only settings
 * that the configuration records name are shown, a secret never: as {@code ***} with a fingerprint.
 */
final class EffectiveConfigCalls implements Calls {
    private final LatticegateConfig config;
    private final RulesBook rules;

    EffectiveConfigCalls(LatticegateConfig config, RulesBook rules) {
        this.config = config;
        this.rules = rules;
    }

    @Override
    public void addTo(CallTable.Rows rows) {
        rows.add("GET", Role.ADMIN, "config.effective", this::effective, "config", "effective");
    }

    /** {@code GET /manage/config/effective}, also {@code GET /config}. */
    Answer effective(ManageRequest request, AuditedCall audited) {
        request.noBody();
        request.allowQuery();
        ConfigDescription description;
        long version;
        try {
            var inForce = rules.current();
            version = inForce.version();
            description = config.describe(inForce.document());
        } catch (StoreFault away) {
            throw Refused.unavailable("the store of the rules does not answer; nothing was read");
        }
        JsonArray settings = new JsonArray();
        for (ConfigDescription.Entry entry : description.entries()) {
            JsonObject setting = new JsonObject()
                    .put("path", entry.path())
                    .put("value", entry.value())
                    .put("source", entry.source())
                    .put("secret", entry.secret());
            if (entry.secret()) {
                setting.put("fingerprint", entry.fingerprint());
            } else {
                setting.put("default", entry.fallback());
            }
            settings.add(setting);
        }
        audited.note("version", Long.toString(version));
        return Answer.json(200, new JsonObject().put("version", version).put("settings", settings));
    }
}
