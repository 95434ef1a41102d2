package io.latticegate.common.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The durable stores.
 *
 * @param dir where SQLite files, the journal and generated secrets lie
 * @param url JDBC URL without credentials; set where the driver is PostgreSQL
 * @param poolSize connections per service
 */
public record StorageConfig(
        Path dir,
        Driver driver,
        @Nullable String url,
        @Nullable String user,
        ConfiguredSecret password,
        int poolSize) {
    private static final Range<Integer> POOL = Range.of(1, 200);
    private static final String SCHEME = "postgresql://";

    public StorageConfig {
        POOL.check("pool_size", poolSize);
        IllegalSetting.unless(
                driver != Driver.POSTGRESQL || url != null,
                "url",
                "the driver postgresql needs an address such as postgresql://host:5432/database");
        if (url != null) {
            url = jdbc(url);
        }
    }

    /** The database. */
    public enum Driver {
        SQLITE,
        POSTGRESQL
    }

    private static String jdbc(String text) {
        String plain = text.startsWith("jdbc:") ? text.substring("jdbc:".length()) : text;
        plain = plain.startsWith("postgres://") ? SCHEME + plain.substring("postgres://".length()) : plain;
        URI uri;
        try {
            uri = URI.create(plain);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalSetting("url", "is not a URI");
        }
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery().toLowerCase(Locale.ROOT);
        IllegalSetting.unless(
                uri.getRawUserInfo() == null && !query.matches("(?:.*&)?(?:user|password)=.*"),
                "url",
                "must hold neither user nor password; write them under storage.user and storage.password");
        IllegalSetting.unless(
                plain.startsWith(SCHEME)
                        && uri.getHost() != null
                        && uri.getPath() != null
                        && uri.getPath().length() > 1,
                "url",
                "must read postgresql://host[:port]/database");
        return "jdbc:" + plain;
    }

    static StorageConfig from(ConfigNode node) {
        return new StorageConfig(
                node.get(
                        "dir",
                        SettingType.FILE,
                        Path.of("data"),
                        "Folder of SQLite files, the journal and generated secrets"),
                node.get(
                        "driver",
                        SettingType.choice(Driver.class),
                        Driver.SQLITE,
                        "Durable store; postgresql is required when clustered"),
                node.find(
                        "url",
                        SettingType.TEXT,
                        "For postgresql: postgresql://host[:port]/database, without credentials"),
                node.find("user", SettingType.TEXT, "For postgresql: user"),
                node.secret("password", "For postgresql: password"),
                node.get("pool_size", SettingType.INTEGER, 10, POOL, "Connections per service"));
    }
}
