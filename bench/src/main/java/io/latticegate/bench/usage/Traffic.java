package io.latticegate.bench.usage;

import io.latticegate.common.journal.AuditActor;
import io.latticegate.common.journal.AuditOutcome;
import io.latticegate.common.journal.AuditPhase;
import io.latticegate.common.journal.AuditRecord;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Ended requests as a busy platform has them: projects and tokens of which few make most requests, a dozen models, one request
 * in forty that does not succeed. The same number always gives the same request.
 */
public final class Traffic {
    /** How far back the oldest request lies, in seconds. */
    public static final long SPAN_SECONDS = 30L * 24 * 3_600;

    private static final int PROJECTS = 200;
    private static final int TOKENS = 1_000;
    private static final int WALLETS = 500;
    private static final int USERS = 5_000;
    private static final int MANAGED_EVERY = 50;
    private static final int CORRELATED_EVERY = 20;
    private static final List<String> MODELS = List.of(
            "gpt-4o",
            "gpt-4o-mini",
            "gpt-4.1",
            "gpt-4.1-mini",
            "o4-mini",
            "claude-sonnet-4-5",
            "claude-haiku-4-5",
            "gemini-2.5-flash",
            "gemini-2.5-pro",
            "command-a",
            "text-embedding-3-small",
            "llama-3.3-70b");

    private final long endMicros;
    private final long requests;

    /** @param endMicros when the last request ended, microseconds since 1970 */
    public Traffic(long endMicros, long requests) {
        this.endMicros = endMicros;
        this.requests = requests;
    }

    static String project(int number) {
        return new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0000L | number).toString();
    }

    static String token(int number) {
        return new UUID(0x0190_0001_0000_7000L, 0x8000_0000_0000_0000L | number).toString();
    }

    static String model(int number) {
        return MODELS.get(number % MODELS.size());
    }

    static String requestId(long number) {
        return "req_%024x".formatted(new SplittableRandom(number).nextLong() & Long.MAX_VALUE);
    }

    /** When a request ended, microseconds since 1970. */
    long endedMicros(long number) {
        long span = SPAN_SECONDS * 1_000_000;
        return endMicros - span + (long) (span * ((number + 1) / (double) requests));
    }

    /** A request, or now and then something that the management token did. */
    public AuditRecord.Builder entry(long number) {
        if (!managed(number)) {
            return request(number);
        }
        SplittableRandom random = new SplittableRandom(number * 0x9E37_79B9_7F4A_7C15L);
        int project = random.nextInt(PROJECTS);
        boolean made = random.nextInt(10) == 0;
        return AuditRecord.builder(AuditPhase.EVENT, made ? "token.create" : "request.list", endedMicros(number))
                .actor(new AuditActor(AuditActor.Kind.MANAGEMENT, ""))
                .requestId(requestId(number))
                .clientIp("192.0.2." + random.nextInt(8))
                .method(made ? "POST" : "GET")
                .path(made ? "/manage/tokens" : "/manage/requests")
                .userAgent("Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0")
                .surface("manage")
                .projectId(made ? project(project) : "")
                .status(200)
                .outcome(AuditOutcome.SUCCESS);
    }

    /** Whether {@link #entry} gives something other than a request. */
    static boolean managed(long number) {
        return number % MANAGED_EVERY == MANAGED_EVERY - 1;
    }

    /** The client's own id of a request; empty where it sent none. */
    static String correlationId(long number) {
        return number % CORRELATED_EVERY == 0 ? "trace-%016x".formatted(number) : "";
    }

    /** @param number from 0, oldest first */
    public AuditRecord.Builder request(long number) {
        SplittableRandom random = new SplittableRandom(number * 0x9E37_79B9_7F4A_7C15L);
        int token = skewed(random, TOKENS);
        boolean wallet = random.nextInt(20) == 0;
        boolean failed = random.nextInt(40) == 0;
        int model = skewed(random, MODELS.size());
        long tokensIn = 200L + random.nextInt(3_000);
        long tokensOut = 20L + random.nextInt(800);
        AuditRecord.Builder record = AuditRecord.builder(AuditPhase.END, "proxy_request", endedMicros(number))
                .requestId(requestId(number))
                .correlationId(correlationId(number))
                .clientIp("10." + random.nextInt(4) + "." + random.nextInt(256) + "." + random.nextInt(256))
                .method("POST")
                .userAgent("OpenAI/Python 2.8.1")
                .model(model(model))
                .provider(provider(model(model)))
                .keyFingerprint("fp_%012x".formatted(token))
                .attempts(1 + (random.nextInt(50) == 0 ? 1 : 0))
                .elapsedMicros((long) (80_000 * Math.exp(random.nextGaussian())));
        if (wallet) {
            record.actor(new AuditActor(
                            AuditActor.Kind.WALLET, "0x%040x".formatted(0x77aa_0000L + skewed(random, WALLETS))))
                    .surface("relay")
                    .path("/api/llm/proxy")
                    .credentialSource("wallet");
        } else {
            record.actor(new AuditActor(AuditActor.Kind.TOKEN, token(token)))
                    .projectId(project(token % PROJECTS))
                    .tokenId(token(token))
                    .surface("openai")
                    .path(model == 10 ? "/v1/embeddings" : "/v1/chat/completions")
                    .credentialSource("project")
                    .metadata(
                            random.nextInt(4) == 0
                                    ? Map.of("user", "u_%022d".formatted(skewed(random, USERS)))
                                    : Map.of());
        }
        if (failed) {
            boolean denied = random.nextBoolean();
            return record.outcome(denied ? AuditOutcome.DENIED : AuditOutcome.ERROR)
                    .status(denied ? 429 : 502)
                    .reason(denied ? "rate_limit_exceeded" : "provider_unreachable");
        }
        return record.outcome(AuditOutcome.SUCCESS)
                .status(200)
                .tokensIn(tokensIn)
                .tokensOut(tokensOut)
                .tokensCached(random.nextInt(5) == 0 ? tokensIn / 2 : 0)
                .costMicroUsd(tokensIn / 2 + tokensOut * 2);
    }

    private static int skewed(SplittableRandom random, int bound) {
        double even = random.nextDouble();
        return (int) (even * even * even * bound);
    }

    private static String provider(String model) {
        if (model.startsWith("claude")) {
            return "anthropic";
        }
        if (model.startsWith("gemini")) {
            return "gemini";
        }
        return model.startsWith("command") ? "cohere" : "openai";
    }
}
