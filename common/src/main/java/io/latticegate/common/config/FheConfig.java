package io.latticegate.common.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The encrypted-compute service.
 *
 * @param listen its data listener
 * @param upstreams where proxy-service finds its pods
 * @param dir where sessions and evaluation keys lie; pods that mount the same folder serve the same sessions
 * @param keyTtl how long the keys of a session compute without a warning
 * @param grace how long they still compute after that
 * @param maxUploadBytes largest key set, as it is sent and as it is stored
 */
public record FheConfig(
        boolean enabled,
        HostPort listen,
        List<HostPort> upstreams,
        Path dir,
        Duration keyTtl,
        Duration grace,
        long maxUploadBytes,
        Uploads uploads,
        Queue queue,
        Quota quota,
        Heads heads,
        Indexes indexes,
        Cache cache,
        Accelerator accelerator) {
    private static final Range<Duration> TTL = Range.of(Duration.ofSeconds(1), Duration.ofDays(30));
    private static final Range<Duration> GRACE = Range.of(Duration.ZERO, Duration.ofDays(7));
    private static final Range<Integer> UPSTREAM_PORT = Range.of(1, 65_535);
    private static final Range<Long> UPLOAD = Range.ofBytes(1L << 20, 16L << 30);

    public FheConfig {
        TTL.check("key_ttl", keyTtl);
        GRACE.check("grace", grace);
        UPLOAD.check("max_upload", maxUploadBytes);
        for (HostPort upstream : upstreams) {
            UPSTREAM_PORT.check("upstreams", upstream.port());
        }
        upstreams = List.copyOf(upstreams);
    }

    /** {@link #upstreams}, or where fhe-service listens in this process; none where the system chooses its port. */
    public List<HostPort> upstreamsInOneProcess() {
        if (!upstreams.isEmpty() || listen.port() == 0) {
            return upstreams;
        }
        return List.of(listen.host().equals("0.0.0.0") ? new HostPort("127.0.0.1", listen.port()) : listen);
    }

    /**
     * Bodies that are read while they arrive: key sets and ciphertexts.
     *
     * @param maxConcurrent per node, each of which takes a thread; others wait
     * @param timeout until a body has arrived
     * @param openKeys most key sets that are mapped at a time; the least recently used is closed first
     */
    public record Uploads(int maxConcurrent, Duration timeout, int openKeys) {
        private static final Range<Integer> CONCURRENT = Range.of(1, 256);
        private static final Range<Duration> TIMEOUT = Range.of(Duration.ofSeconds(1), Duration.ofHours(6));
        private static final Range<Integer> OPEN = Range.of(1, 4_096);

        public Uploads {
            CONCURRENT.check("max_concurrent", maxConcurrent);
            TIMEOUT.check("timeout", timeout);
            OPEN.check("open_keys", openKeys);
        }

        static Uploads from(ConfigNode node) {
            return new Uploads(
                    node.get(
                            "max_concurrent",
                            SettingType.INTEGER,
                            8,
                            CONCURRENT,
                            "Key sets and ciphertexts read at a time on one node; others wait"),
                    node.get(
                            "timeout",
                            SettingType.DURATION,
                            Duration.ofMinutes(15),
                            TIMEOUT,
                            "Waiting for such a body"),
                    node.get(
                            "open_keys",
                            SettingType.INTEGER,
                            256,
                            OPEN,
                            "Key sets mapped at a time on one node; the least recently used is closed first"));
        }
    }

    /**
     * Jobs that wait and run.
     *
     * @param size most jobs that wait, and most bodies that wait to be read; more are refused with 503
     * @param memoryBytes what waiting and running jobs may hold together; more are refused with 503
     * @param workers threads that compute; 0: as many as the machine has processors
     * @param maxDeadline longest time that a job may ask for
     */
    public record Queue(int size, long memoryBytes, int workers, Duration maxDeadline) {
        private static final Range<Integer> SIZE = Range.of(1, 100_000);
        private static final Range<Long> MEMORY = Range.ofBytes(16L << 20, 1L << 40);
        private static final Range<Integer> WORKERS = Range.of(0, 1_024);
        private static final Range<Duration> DEADLINE = Range.of(Duration.ofSeconds(1), Duration.ofHours(1));

        public Queue {
            SIZE.check("size", size);
            MEMORY.check("memory", memoryBytes);
            WORKERS.check("workers", workers);
            DEADLINE.check("max_deadline", maxDeadline);
        }

        static Queue from(ConfigNode node) {
            return new Queue(
                    node.get(
                            "size",
                            SettingType.INTEGER,
                            256,
                            SIZE,
                            "Jobs that wait, and bodies that wait to be read; more are refused with 503"),
                    node.get(
                            "memory",
                            SettingType.SIZE,
                            512L << 20,
                            MEMORY,
                            "What jobs hold together in ciphertexts; more are refused with 503. At most half of the"
                                    + " heap is used"),
                    node.get(
                            "workers",
                            SettingType.INTEGER,
                            0,
                            WORKERS,
                            "Threads that compute on ciphertexts; 0: one for each processor"),
                    node.get(
                            "max_deadline",
                            SettingType.DURATION,
                            Duration.ofMinutes(5),
                            DEADLINE,
                            "Longest time that a job may ask for"));
        }
    }

    /**
     * What one project may have.
     *
     * @param sessions that have not expired
     * @param storageBytes of evaluation keys as they are stored
     */
    public record Quota(int sessions, long storageBytes) {
        private static final Range<Integer> SESSIONS = Range.of(1, 10_000);
        private static final Range<Long> STORAGE = Range.ofBytes(1L << 20, 1L << 40);

        public Quota {
            SESSIONS.check("sessions", sessions);
            STORAGE.check("storage", storageBytes);
        }

        static Quota from(ConfigNode node) {
            return new Quota(
                    node.get(
                            "sessions",
                            SettingType.INTEGER,
                            64,
                            SESSIONS,
                            "Sessions of one project that have not expired"),
                    node.get(
                            "storage",
                            SettingType.SIZE,
                            8L << 30,
                            STORAGE,
                            "Evaluation keys of one project, as they are stored"));
        }
    }

    /**
     * Private networks that classify encrypted vectors.
     *
     * @param perProject most that one project may have
     * @param memoryBytes encoded weights on one node; the least recently used head is encoded anew when it is asked again
     */
    public record Heads(int perProject, long memoryBytes) {
        private static final Range<Integer> PER_PROJECT = Range.of(1, 10_000);
        private static final Range<Long> MEMORY = Range.ofBytes(1L << 20, 1L << 40);

        public Heads {
            PER_PROJECT.check("per_project", perProject);
            MEMORY.check("memory", memoryBytes);
        }

        static Heads from(ConfigNode node) {
            return new Heads(
                    node.get("per_project", SettingType.INTEGER, 32, PER_PROJECT, "Heads of one project"),
                    node.get(
                            "memory",
                            SettingType.SIZE,
                            256L << 20,
                            MEMORY,
                            "Encoded weights of heads on one node, the least recently used closed first; a head that"
                                    + " needs more is refused. At most a quarter of the heap is used"));
        }
    }

    /**
     * Rows that can be searched.
     *
     * @param perProject most indexes of one project
     * @param storageBytes of the index files of one project
     * @param open most index files that are mapped on one node; the least recently used is closed first
     */
    public record Indexes(int perProject, long storageBytes, int open) {
        private static final Range<Integer> COUNT = Range.of(1, 10_000);
        private static final Range<Long> STORAGE = Range.ofBytes(1L << 20, 1L << 42);
        private static final Range<Integer> OPEN = Range.of(1, 4_096);

        public Indexes {
            COUNT.check("per_project", perProject);
            STORAGE.check("storage", storageBytes);
            OPEN.check("open", open);
        }

        static Indexes from(ConfigNode node) {
            return new Indexes(
                    node.get("per_project", SettingType.INTEGER, 64, COUNT, "Indexes of one project"),
                    node.get(
                            "storage",
                            SettingType.SIZE,
                            16L << 30,
                            STORAGE,
                            "Index files of one project: 8 bytes for each component of a row, and more for few rows"),
                    node.get(
                            "open",
                            SettingType.INTEGER,
                            32,
                            OPEN,
                            "Index files mapped at a time on one node; the least recently used is closed first"));
        }
    }

    /**
     * Encrypted replies that are kept for who asks with the same tag again.
     *
     * @param bytes of all kept replies of one node; at most an eighth of the heap is used
     * @param ttl how long one is kept
     */
    public record Cache(long bytes, Duration ttl) {
        private static final Range<Long> BYTES = Range.ofBytes(1L << 20, 64L << 30);
        private static final Range<Duration> TTL = Range.of(Duration.ofSeconds(1), Duration.ofDays(1));

        public Cache {
            BYTES.check("bytes", bytes);
            TTL.check("ttl", ttl);
        }

        static Cache from(ConfigNode node) {
            return new Cache(
                    node.get(
                            "bytes",
                            SettingType.SIZE,
                            64L << 20,
                            BYTES,
                            "Encrypted replies kept on one node for the same X-Latticegate-Cache-Tag; at most an eighth"
                                    + " of the heap is used"),
                    node.get(
                            "ttl", SettingType.DURATION, Duration.ofMinutes(10), TTL, "How long such a reply is kept"));
        }
    }

    /**
     * Where encrypted compute runs.
     *
     * @param deviceId number of the device, as CUDA's driver counts
     * @param memoryBytes of the device that are taken at the start, the most that is ever used
     */
    public record Accelerator(Kind kind, int deviceId, long memoryBytes) {
        private static final Range<Integer> DEVICE = Range.of(0, 63);
        private static final Range<Long> MEMORY = Range.ofBytes(256L << 20, 1L << 40);

        /** On what. */
        public enum Kind {
            /** The processor. */
            CPU,
            /** A GPU; without one the service does not start. */
            GPU,
            /** A GPU where there is one, else the processor. */
            AUTO
        }

        public Accelerator {
            DEVICE.check("device_id", deviceId);
            MEMORY.check("memory_limit", memoryBytes);
        }

        static Accelerator from(ConfigNode node) {
            return new Accelerator(
                    node.get(
                            "kind",
                            SettingType.choice(Kind.class),
                            Kind.CPU,
                            "Where encrypted compute runs; gpu: without a GPU the service does not start; auto: then"
                                    + " on the processor, and /v1/fhe/status says why"),
                    node.get("device_id", SettingType.INTEGER, 0, DEVICE, "Number of the GPU, as CUDA's driver counts"),
                    node.get(
                            "memory_limit",
                            SettingType.SIZE,
                            8L << 30,
                            MEMORY,
                            "Memory of the GPU, taken at the start; what does not fit is answered with 503"));
        }
    }

    static FheConfig from(ConfigNode node, Path storageDir) {
        return new FheConfig(
                node.get("enabled", SettingType.FLAG, false, "Whether encrypted compute is offered"),
                node.get(
                        "listen",
                        SettingType.HOST_PORT,
                        new HostPort("0.0.0.0", 8090),
                        "Address of fhe-service's data listener; port 0: any free port"),
                node.list(
                        "upstreams",
                        SettingType.HOST_PORT,
                        List.of(),
                        "Where proxy-service finds the pods of fhe-service, to which it passes /v1/fhe; a name with several"
                                + " addresses stands for as many pods. Empty: not passed on, but in one JVM to fhe.listen"),
                node.get(
                        "dir",
                        SettingType.FILE,
                        storageDir.resolve("fhe"),
                        "Folder of sessions and evaluation keys; pods that mount the same folder serve the same"
                                + " sessions"),
                node.get(
                        "key_ttl",
                        SettingType.DURATION,
                        Duration.ofHours(24),
                        TTL,
                        "How long the keys of a session compute without a warning"),
                node.get(
                        "grace",
                        SettingType.DURATION,
                        Duration.ofMinutes(30),
                        GRACE,
                        "How long they still compute after that, with a warning"),
                node.get(
                        "max_upload",
                        SettingType.SIZE,
                        1L << 30,
                        UPLOAD,
                        "Largest key set, as it is sent and as it is stored; more is refused with 413"),
                node.section("uploads", Uploads::from),
                node.section("queue", Queue::from),
                node.section("quota", Quota::from),
                node.section("heads", Heads::from),
                node.section("indexes", Indexes::from),
                node.section("cache", Cache::from),
                node.section("accelerator", Accelerator::from));
    }
}
