package io.latticegate.admin.manage;

import io.latticegate.admin.analytics.Dimension;
import io.latticegate.common.bus.BusFault;
import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.AuthApi.ProjectReply;
import io.latticegate.common.contract.AuthApi.TokenReply;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What people call the values of a dimension: the names of projects, tokens as far as they may be shown. Everything else, and
 * what auth-service does not know or does not answer, is called by its key: a figure is not withheld for want of a name.
 */
final class Labels {
    private final MeshBus bus;

    Labels(MeshBus bus) {
        this.bus = bus;
    }

    /** By key; at most as many questions as there are keys. */
    Map<String, String> of(Dimension dimension, Collection<String> keys) {
        Map<String, String> labels = new HashMap<>();
        try {
            for (String key : keys) {
                labels.put(key, label(dimension, key));
            }
        } catch (BusFault unanswered) {
            keys.forEach(key -> labels.putIfAbsent(key, key));
        }
        return labels;
    }

    private String label(Dimension dimension, String key) {
        if (!ManageRequest.isUuid(key)) {
            return key;
        }
        return switch (dimension) {
            case PROJECT ->
                bus.ask(AuthApi.GET_PROJECT, new AuthApi.GetProject(key)).await()
                                instanceof ProjectReply.Found(AuthApi.Project project)
                        ? project.name()
                        : key;
            case TOKEN ->
                bus.ask(AuthApi.GET_TOKEN, new AuthApi.GetToken(key)).await()
                                instanceof TokenReply.Found(AuthApi.Token token)
                        ? token.obfuscated()
                        : key;
            default -> key;
        };
    }
}
