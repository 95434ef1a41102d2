package io.latticegate.auth.token;

import io.latticegate.common.contract.AuthApi.Project;
import io.latticegate.common.store.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code projects}. Every method is one statement in the caller's transaction. */
final class ProjectStore {
    private static final String COLUMNS = "id, name, active, deactivated_at, created_at, updated_at";

    private final Dialect dialect;

    ProjectStore(Dialect dialect) {
        this.dialect = dialect;
    }

    void insert(Connection connection, Project project) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO projects (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, project.id());
            insert.setString(2, project.name());
            insert.setBoolean(3, project.active());
            Rows.setLong(insert, 4, project.deactivatedAt());
            insert.setLong(5, project.createdAt());
            insert.setLong(6, project.updatedAt());
            insert.executeUpdate();
        }
    }

    void update(Connection connection, Project project) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE projects SET name = ?, active = ?, deactivated_at = ?, updated_at = ? WHERE id = ?")) {
            update.setString(1, project.name());
            update.setBoolean(2, project.active());
            Rows.setLong(update, 3, project.deactivatedAt());
            update.setLong(4, project.updatedAt());
            update.setString(5, project.id());
            update.executeUpdate();
        }
    }

    @Nullable
    Project find(Connection connection, String id) throws SQLException {
        return find(connection, id, "");
    }

    /** Reads the project so that it stays as read until the transaction ends. */
    @Nullable
    Project findLocked(Connection connection, String id) throws SQLException {
        return find(connection, id, dialect.lockingRows());
    }

    /** At most {@code limit} projects with ids above {@code afterId}, in order of creation. */
    List<Project> list(Connection connection, String afterId, int limit) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM projects WHERE id > ? ORDER BY id LIMIT ?")) {
            select.setString(1, afterId);
            select.setInt(2, limit);
            try (ResultSet rows = select.executeQuery()) {
                List<Project> projects = new ArrayList<>();
                while (rows.next()) {
                    projects.add(project(rows));
                }
                return projects;
            }
        }
    }

    private static @Nullable Project find(Connection connection, String id, String locking) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM projects WHERE id = ?" + locking)) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? project(rows) : null;
            }
        }
    }

    private static Project project(ResultSet row) throws SQLException {
        return new Project(
                row.getString("id"),
                row.getString("name"),
                row.getBoolean("active"),
                Rows.getLong(row, "deactivated_at"),
                row.getLong("created_at"),
                row.getLong("updated_at"));
    }
}
