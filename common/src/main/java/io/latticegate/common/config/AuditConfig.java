package io.latticegate.common.config;

import io.latticegate.common.journal.Durability;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The journal in front of every provider call, and the log that it is delivered to.
 *
 * @param dir folder of the journal's segments
 * @param segmentSizeBytes size of one segment
 * @param maxSizeBytes of all segments that are not delivered yet; when it is reached, requests are refused
 * @param syncInterval how often the journal is forced to disk
 * @param durability what an accepted entry survives
 * @param sealingKey 32 bytes under which the log's keys lie, the same for every admin-service of a mesh
 * @param retention whole days after which entries are deleted; zero: never
 * @param export where ends and events are sent
 */
public record AuditConfig(
        Path dir,
        long segmentSizeBytes,
        long maxSizeBytes,
        Duration syncInterval,
        Durability durability,
        ConfiguredSecret sealingKey,
        Duration retention,
        AuditExportConfig export) {
    private static final Range<Long> SEGMENT = Range.ofBytes(128 << 10, 1 << 30);
    private static final Range<Long> TOTAL = Range.ofBytes(384 << 10, 1L << 40);
    private static final int PAGE_BYTES = 4 << 10;
    private static final Range<Duration> INTERVAL = Range.of(Duration.ofMillis(1), Duration.ofHours(1));
    private static final Range<Duration> RETENTION = Range.of(Duration.ZERO, Duration.ofDays(3_650));

    public AuditConfig {
        SEGMENT.check("segment_size", segmentSizeBytes);
        IllegalSetting.unless(segmentSizeBytes % PAGE_BYTES == 0, "segment_size", "must be a multiple of 4KiB");
        TOTAL.check("max_size", maxSizeBytes);
        INTERVAL.check("sync_interval", syncInterval);
        IllegalSetting.unless(
                maxSizeBytes >= 3 * segmentSizeBytes,
                "max_size",
                "must hold at least three segments of audit.segment_size");
        RETENTION.check("retention", retention);
        IllegalSetting.unless(
                retention.equals(Duration.ofDays(retention.toDays())), "retention", "must be whole days, such as 90d");
    }

    private static ConfiguredSecret sealingKey(ConfigNode node) {
        String source = node.raw(
                "sealing_key",
                "file:/path or env:NAME of 32 bytes in base64 that seal personal data in the log; all instances of"
                        + " admin-service need the same; unless set, one instance with SQLite makes its own in"
                        + " storage.dir");
        try {
            return source == null ? ConfiguredSecret.unset() : EncryptionKey.material(node.references(), source);
        } catch (IllegalSetting refused) {
            throw new IllegalSetting("sealing_key", String.valueOf(refused.getMessage()));
        }
    }

    static AuditConfig from(ConfigNode node, Path storageDir) {
        return new AuditConfig(
                node.get("dir", SettingType.FILE, storageDir.resolve("journal"), "Folder of the journal"),
                node.get("segment_size", SettingType.SIZE, 8L << 20, SEGMENT, "Size of one segment of the journal"),
                node.get(
                        "max_size",
                        SettingType.SIZE,
                        1L << 30,
                        TOTAL,
                        "Size of the journal that is not delivered yet; above it requests are refused with 503"),
                node.get(
                        "sync_interval",
                        SettingType.DURATION,
                        Duration.ofMillis(5),
                        INTERVAL,
                        "How often the journal is forced to disk"),
                node.get(
                        "durability",
                        SettingType.choice(Durability.class),
                        Durability.PROCESS,
                        "process: an accepted entry survives kill -9; disk: a request also waits until its entry is"
                                + " forced to disk"),
                sealingKey(node),
                node.get(
                        "retention",
                        SettingType.DURATION,
                        Duration.ofDays(90),
                        RETENTION,
                        "How long entries of the log are kept, in whole days; 0d: for ever"),
                node.section("export", AuditExportConfig::from));
    }
}
