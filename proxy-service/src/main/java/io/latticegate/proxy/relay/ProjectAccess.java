package io.latticegate.proxy.relay;

import io.latticegate.common.contract.VaultApi.Owner;
import io.latticegate.common.contract.VaultApi.OwnerKind;
import io.latticegate.proxy.dialect.Refusal;
import io.latticegate.proxy.provider.Routing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of a project may be put to (C-23, C-98): which providers, asked for which models, with whose keys. Its
 * {@link #routing} knows no other provider, so that neither a model's list of targets nor a failure leads to one. Immutable.
 *
 * @param routing by which its requests go
 * @param limited whether {@code routing} lacks providers that others have
 * @param models names, or beginnings of names with {@code *} behind; empty: all
 * @param sources null: those of the gateway's mode
 */
public record ProjectAccess(
        Routing routing,
        boolean limited,
        List<String> models,
        @Nullable Sources sources) {
    /**
     * Whose keys are used.
     *
     * @param client whether a request may bring its own
     * @param vault whose keys of the vault are used, the first first
     * @param spill whether keys of the next are used while all of one are used up or limited
     */
    public record Sources(boolean client, List<OwnerKind> vault, boolean spill) {
        public Sources {
            vault = List.copyOf(vault);
        }

        /** The owners for a request of {@code project}. */
        List<Owner> owners(Owner project) {
            return vault.stream()
                    .map(kind -> kind == OwnerKind.PROJECT ? project : Owner.gateway())
                    .toList();
        }
    }

    public ProjectAccess {
        models = List.copyOf(models);
    }

    /** Every provider and model, with the keys of the gateway's mode. */
    static ProjectAccess everything(Routing routing) {
        return new ProjectAccess(routing, false, List.of(), null);
    }

    /** Whether requests may name {@code model}; null, for whatever the provider chooses, is no name of a list. */
    boolean permitsModel(@Nullable String model) {
        if (models.isEmpty()) {
            return true;
        }
        if (model == null) {
            return false;
        }
        for (String one : models) {
            boolean prefix = one.endsWith("*");
            if (prefix ? model.startsWith(one.substring(0, one.length() - 1)) : model.equals(one)) {
                return true;
            }
        }
        return false;
    }

    boolean permitsProvider(String name) {
        return !limited
                || routing.providers().stream().anyMatch(one -> one.name().equals(name));
    }

    /** What is said of a model that {@link #permitsModel} refuses. */
    static Refusal modelNotAllowed(@Nullable String model) {
        return new Refusal(
                403,
                "model_not_allowed",
                model == null
                        ? "This project may use certain models only, and the request names none"
                        : "This project may not use this model",
                model == null ? null : "model");
    }

    /** What is said where only other providers could serve a request. */
    static Refusal providerNotAllowed() {
        return new Refusal(
                403, "provider_not_allowed", "This project may not use the provider that this would go to", null);
    }
}
