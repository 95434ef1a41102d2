package io.latticegate.common.config;

import java.time.Duration;
import java.util.List;

/**
 * The data listener of proxy-service.
 *
 * @param port 0 lets the system choose
 * @param maxConcurrentRequests per node; more are refused with 503
 * @param trustedProxies peers whose {@code X-Forwarded-For} is believed
 */
public record ServerConfig(
        String host,
        int port,
        long maxRequestSizeBytes,
        int maxConcurrentRequests,
        Uploads uploads,
        Timeouts timeouts,
        List<CidrBlock> trustedProxies) {
    private static final Range<Integer> PORT = Range.of(0, 65_535);
    private static final Range<Long> REQUEST_SIZE = Range.ofBytes(1 << 10, 1 << 30);
    private static final Range<Integer> CONCURRENT = Range.of(1, 100_000);

    public ServerConfig {
        PORT.check("port", port);
        REQUEST_SIZE.check("max_request_size", maxRequestSizeBytes);
        CONCURRENT.check("max_concurrent_requests", maxConcurrentRequests);
        trustedProxies = List.copyOf(trustedProxies);
    }

    /**
     * Requests that carry files: audio, images, what goes to {@code /v1/files}.
     *
     * @param maxSizeBytes of one body; 25 MiB of audio and its form fit into the default
     * @param maxConcurrent per node, each of which is held in memory; more are refused with 503
     * @param timeout until a body has arrived
     */
    public record Uploads(long maxSizeBytes, int maxConcurrent, Duration timeout) {
        private static final Range<Long> SIZE = Range.ofBytes(1 << 10, 512 << 20);
        private static final Range<Integer> CONCURRENT = Range.of(1, 1_000);
        private static final Range<Duration> TIMEOUT = Range.of(Duration.ofSeconds(1), Duration.ofHours(1));

        public Uploads {
            SIZE.check("max_size", maxSizeBytes);
            CONCURRENT.check("max_concurrent", maxConcurrent);
            TIMEOUT.check("timeout", timeout);
        }

        static Uploads from(ConfigNode node) {
            return new Uploads(
                    node.get(
                            "max_size",
                            SettingType.SIZE,
                            26L << 20,
                            SIZE,
                            "Largest body with files; more is refused with 413"),
                    node.get(
                            "max_concurrent",
                            SettingType.INTEGER,
                            8,
                            CONCURRENT,
                            "Requests with files under way on one node, each held in memory; more are refused with 503"),
                    node.get(
                            "timeout",
                            SettingType.DURATION,
                            Duration.ofMinutes(2),
                            TIMEOUT,
                            "Waiting for such a body"));
        }
    }

    /**
     * Deadlines of one request.
     *
     * @param connect until the provider's connection stands
     * @param responseHeader until the head of a provider's answer, where the provider has no timeout of its own
     * @param firstToken until the first event of a stream
     * @param streamIdle longest gap inside a stream; a stream that keeps sending is never cut
     * @param drain how long a stop waits for requests under way
     */
    public record Timeouts(
            Duration connect, Duration responseHeader, Duration firstToken, Duration streamIdle, Duration drain) {
        private static final Range<Duration> WAIT = Range.of(Duration.ofMillis(1), Duration.ofHours(1));
        private static final Range<Duration> DRAIN = Range.of(Duration.ZERO, Duration.ofMinutes(10));

        public Timeouts {
            WAIT.check("connect", connect);
            WAIT.check("response_header", responseHeader);
            WAIT.check("first_token", firstToken);
            WAIT.check("stream_idle", streamIdle);
            DRAIN.check("drain", drain);
        }

        static Timeouts from(ConfigNode node) {
            return new Timeouts(
                    node.get("connect", SettingType.DURATION, Duration.ofSeconds(5), WAIT, "Connecting to a provider"),
                    node.get(
                            "response_header",
                            SettingType.DURATION_OR_MILLIS,
                            Duration.ofSeconds(30),
                            WAIT,
                            "Waiting for the head of a provider's answer"),
                    node.get(
                            "first_token",
                            SettingType.DURATION,
                            Duration.ofSeconds(60),
                            WAIT,
                            "Waiting for the first event of a stream"),
                    node.get(
                            "stream_idle",
                            SettingType.DURATION,
                            Duration.ofSeconds(60),
                            WAIT,
                            "Longest gap inside a stream"),
                    node.get(
                            "drain",
                            SettingType.DURATION,
                            Duration.ofSeconds(10),
                            DRAIN,
                            "How long a stop waits for requests under way"));
        }
    }

    static ServerConfig from(ConfigNode node) {
        return new ServerConfig(
                node.get("host", SettingType.TEXT, "0.0.0.0", "Address of the data listener"),
                node.get("port", SettingType.INTEGER, 8080, PORT, "Port of the data listener; 0: any free port"),
                node.get(
                        "max_request_size",
                        SettingType.SIZE,
                        10L << 20,
                        REQUEST_SIZE,
                        "Largest request body; more is refused with 413"),
                node.get(
                        "max_concurrent_requests",
                        SettingType.INTEGER,
                        100,
                        CONCURRENT,
                        "Requests under way on one node; more are refused with 503"),
                node.section("uploads", Uploads::from),
                node.section("timeouts", Timeouts::from),
                node.list(
                        "trusted_proxies",
                        CidrBlock.TYPE,
                        List.of(),
                        "Peers whose X-Forwarded-For is believed, as blocks such as 10.0.0.0/8"));
    }
}
