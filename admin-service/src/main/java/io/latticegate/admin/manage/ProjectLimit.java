package io.latticegate.admin.manage;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The projects to which a principal is limited.
 *
 * @param projects their ids; null: no limit
 */
record ProjectLimit(@Nullable Set<String> projects) {
    /** May manage every project, and what belongs to none. */
    static final ProjectLimit NONE = new ProjectLimit(null);

    ProjectLimit {
        projects = projects == null ? null : Set.copyOf(projects);
    }

    boolean limited() {
        return projects != null;
    }

    boolean allows(String projectId) {
        return projects == null || projects.contains(projectId);
    }
}
