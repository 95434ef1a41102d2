package io.latticegate.bench.usage;

import io.latticegate.admin.analytics.RequestPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** What people ask of a store, one question after the other through the management API, each time about something else. */
public final class Questions implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long SEED = 20_261_122L;

    private final HttpClient client = HttpClient.newBuilder().build();
    private final String base;
    private final String token;
    private final Traffic traffic;
    private final long requests;
    private final long end;

    /**
     * @param base the management port's address
     * @param endMicros when the last request ended
     */
    public Questions(String base, String token, Traffic traffic, long requests, long endMicros) {
        this.base = base;
        this.token = token;
        this.traffic = traffic;
        this.requests = requests;
        this.end = endMicros / 1_000_000;
    }

    /** Milliseconds. */
    public record Times(double p50, double p95, double max, String refusal) {}

    private Map<String, Function<SplittableRandom, String>> kinds() {
        Map<String, Function<SplittableRandom, String>> kinds = new LinkedHashMap<>();
        String log = "/manage/requests?limit=50";
        kinds.put("requests, first page", random -> log);
        kinds.put("requests, page anywhere", random -> log + "&after=" + anywhere(random));
        kinds.put(
                "requests of a project, anywhere",
                random -> log + "&project_id=" + Traffic.project(random.nextInt(200)) + "&after=" + anywhere(random));
        kinds.put("requests of a token", random -> log + "&token_id=" + Traffic.token(random.nextInt(1_000)));
        kinds.put(
                "requests of a model, anywhere",
                random -> log + "&model=" + Traffic.model(random.nextInt(12)) + "&after=" + anywhere(random));
        kinds.put("requests with status 502, anywhere", random -> log + "&status=502&after=" + anywhere(random));
        kinds.put("requests slower than 2 s, anywhere", random -> log + "&min_ms=2000&after=" + anywhere(random));
        kinds.put("requests that nothing matches", random -> log + "&surface=nowhere&after=" + anywhere(random));
        kinds.put(
                "one request with attempts",
                random -> "/manage/requests/" + Traffic.requestId(random.nextLong(requests)));
        kinds.put(
                "audit of a project, 1 hour",
                random -> "/manage/audit?project_id=" + Traffic.project(random.nextInt(200)) + hours(random, 1));
        kinds.put("audit search in text, 1 hour", random -> "/manage/audit?search=unreachable" + hours(random, 1));
        kinds.put("audit, first page", random -> "/manage/audit");
        String series = "/manage/analytics/series?metric=";
        kinds.put("series by minute, 1 hour, all", random -> series + "requests&bucket=minute");
        kinds.put(
                "series by minute, 1 day, by model",
                random -> series + "requests&bucket=minute&group_by=model" + days(1));
        kinds.put("series by hour, 7 days, by token", random -> series + "cost&bucket=hour&group_by=token" + days(7));
        kinds.put(
                "series by hour, 7 days, p95 by model",
                random -> series + "latency_p95&bucket=hour&group_by=model" + days(7));
        kinds.put(
                "series by day, 30 days, by project",
                random -> series + "tokens_out&bucket=day&group_by=project" + days(30));
        kinds.put(
                "series by hour, 1 day, of a project by model",
                random -> series + "requests&bucket=hour&group_by=model&project_id="
                        + Traffic.project(random.nextInt(200)) + days(1));
        kinds.put("summary, 1 day", random -> "/manage/analytics/summary?" + days(1).substring(1));
        kinds.put("summary, 30 days", random -> "/manage/analytics/summary?" + days(30).substring(1));
        kinds.put(
                "summary of a project, 30 days",
                random -> "/manage/analytics/summary?project_id=" + Traffic.project(random.nextInt(200)) + days(30));
        kinds.put("top tokens, 30 days", random -> "/manage/analytics/top?by=token&metric=cost" + days(30));
        kinds.put(
                "usage of a wallet",
                random -> "/manage/usage/wallets/0x%040x".formatted(0x77aa_0000L + random.nextInt(500)));
        return kinds;
    }

    private String anywhere(SplittableRandom random) {
        long number = random.nextLong(requests);
        return new RequestPlace(traffic.endedMicros(number), "bench", number + 1).cursor();
    }

    private String days(int count) {
        return "&start_time=" + Instant.ofEpochSecond(end - count * 86_400L) + "&end_time="
                + Instant.ofEpochSecond(end);
    }

    private String hours(SplittableRandom random, int count) {
        long start = end - random.nextLong(Traffic.SPAN_SECONDS - count * 3_600L) - count * 3_600L;
        return "&start_time=" + Instant.ofEpochSecond(start) + "&end_time="
                + Instant.ofEpochSecond(start + count * 3_600L);
    }

    /** Asks each kind {@code times} times, after a tenth of that which does not count. */
    public Map<String, Times> ask(int times) {
        Map<String, Times> measured = new LinkedHashMap<>();
        kinds().forEach((name, kind) -> {
            SplittableRandom random = new SplittableRandom(SEED);
            String refusal = "";
            for (int round = 0; round < times / 10 + 1; round++) {
                refusal = ask(kind.apply(random));
            }
            double[] millis = new double[times];
            for (int round = 0; round < times && refusal.isEmpty(); round++) {
                String path = kind.apply(random);
                long begin = System.nanoTime();
                refusal = ask(path);
                millis[round] = (System.nanoTime() - begin) / 1e6;
            }
            Arrays.sort(millis);
            measured.put(name, new Times(millis[times / 2], millis[times * 95 / 100], millis[times - 1], refusal));
        });
        return measured;
    }

    /** Empty when the answer is 200, else what it says. */
    private String ask(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + token)
                .timeout(PATIENCE)
                .build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200
                    ? ""
                    : String.format(Locale.ROOT, "%d %.120s", answer.statusCode(), answer.body());
        } catch (IOException fault) {
            throw new UncheckedIOException("no answer to " + path, fault);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted at " + path, interrupt);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
