package io.latticegate.common.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where ends and events of the audit are sent as they come.
 *
 * @param syslog null: nowhere
 * @param webhook null: nowhere
 * @param otlp null: nowhere
 */
public record AuditExportConfig(
        @Nullable Syslog syslog,
        @Nullable Webhook webhook,
        @Nullable OtlpLogsConfig otlp) {
    /** How an event is written. */
    public enum Format {
        /** The event's own fields, as the management API names them. */
        JSONL,
        /** Open Cybersecurity Schema Framework 1.6.0, class API Activity. */
        OCSF
    }

    /**
     * A receiver of RFC 5424 messages over TLS (RFC 5425).
     *
     * @param authority certificates in PEM that its certificate is checked against; null: the JDK's
     * @param certificate this service's own, in PEM; null: none is shown
     * @param key of {@code certificate}, PKCS #8 in PEM
     * @param timeout for connecting, and for one batch
     */
    public record Syslog(
            HostPort address,
            @Nullable Path authority,
            @Nullable Path certificate,
            @Nullable Path key,
            Format format,
            Duration timeout) {
        private static final Range<Duration> TIMEOUT = Range.of(Duration.ofMillis(100), Duration.ofMinutes(1));
        private static final int PORT = 6514;

        public Syslog {
            TIMEOUT.check("timeout", timeout);
            IllegalSetting.unless(
                    !address.host().isEmpty() && address.port() > 0, "address", "must name a host and a port");
            IllegalSetting.unless(
                    (certificate == null) == (key == null), "key", "must be set together with certificate");
        }

        static Syslog from(ConfigNode node) {
            return new Syslog(
                    node.get(
                            "address",
                            SettingType.HOST_PORT,
                            new HostPort("localhost", PORT),
                            "Of the receiver; RFC 5425 gives it port 6514"),
                    node.find(
                            "ca",
                            SettingType.FILE,
                            "PEM file of certificates that the receiver's is checked against; the JDK's unless set"),
                    node.find("certificate", SettingType.FILE, "PEM file of a certificate to show to the receiver"),
                    node.find("key", SettingType.FILE, "PEM file (PKCS #8) of the key of certificate"),
                    node.get("format", SettingType.choice(Format.class), Format.OCSF, "Of each message's text"),
                    node.get(
                            "timeout",
                            SettingType.DURATION,
                            Duration.ofSeconds(10),
                            TIMEOUT,
                            "For connecting, and for one batch"));
        }
    }

    /** @param format of each line */
    public record Webhook(SignedWebhookConfig to, Format format) {
        static Webhook from(ConfigNode node) {
            return new Webhook(
                    SignedWebhookConfig.from(node),
                    node.get("format", SettingType.choice(Format.class), Format.OCSF, "Of each line"));
        }
    }

    static AuditExportConfig from(ConfigNode node) {
        return new AuditExportConfig(
                node.isWritten("syslog") ? node.section("syslog", Syslog::from) : null,
                node.isWritten("webhook") ? node.section("webhook", Webhook::from) : null,
                node.isWritten("otlp") ? node.section("otlp", OtlpLogsConfig::from) : null);
    }
}
