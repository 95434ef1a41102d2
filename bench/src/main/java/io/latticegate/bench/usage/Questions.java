package io.latticegate.bench.usage;

import io.latticegate.admin.listing.LogPlace;
import io.vertx.core.json.JsonObject;
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
import java.util.List;
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

    /**
     * One thing that somebody wants to see.
     *
     * @param first a listing whose answer's cursor is wanted, not measured; empty: none
     * @param paths asked one after the other; the cursor goes behind the last
     */
    private record Question(String first, List<String> paths) {}

    /** Questions by name, in order. */
    private static final class Kinds {
        private final Map<String, Function<SplittableRandom, Question>> all = new LinkedHashMap<>();

        void put(String name, Function<SplittableRandom, String> path) {
            all.put(name, random -> new Question("", List.of(path.apply(random))));
        }

        void next(String name, Function<SplittableRandom, String> listing) {
            all.put(name, random -> {
                String path = listing.apply(random);
                return new Question(path, List.of(path + "&after="));
            });
        }

        void page(String name, String... paths) {
            all.put(name, unused -> new Question("", List.of(paths)));
        }
    }

    private Map<String, Function<SplittableRandom, Question>> kinds() {
        Kinds kinds = new Kinds();
        requests(kinds);
        audit(kinds);
        sums(kinds);
        String hour = "/manage/analytics/series?bucket=minute&metric=";
        String day = days(1).substring(1);
        kinds.page("page: requests", "/admin/requests", "/manage/requests?limit=50");
        kinds.page("page: audit", "/admin/audit", "/manage/audit/status", "/manage/audit?page_size=50");
        kinds.page(
                "page: dashboard",
                "/admin/dashboard",
                "/manage/analytics/summary?" + day,
                hour + "requests",
                hour + "errors",
                hour + "tokens_out",
                hour + "cost",
                hour + "latency_p95",
                "/manage/alerts");
        kinds.page(
                "page: analytics, 30 days",
                "/admin/analytics",
                "/manage/analytics/summary?" + days(30).substring(1),
                "/manage/analytics/series?bucket=day&group_by=model&metric=requests" + days(30),
                "/manage/analytics/top?by=model&metric=requests" + days(30));
        return kinds.all;
    }

    private void requests(Kinds kinds) {
        String log = "/manage/requests?limit=50";
        kinds.put("requests, first page", random -> log);
        kinds.put("requests, page anywhere", random -> log + "&after=" + anywhere(random));
        kinds.put(
                "requests, CSV of 200 anywhere",
                random -> "/manage/requests?limit=200&format=csv&after=" + anywhere(random));
        kinds.put(
                "requests of a project, anywhere",
                random -> log + "&project_id=" + project(random) + "&after=" + anywhere(random));
        kinds.put("requests of a token", random -> log + "&token_id=" + Traffic.token(random.nextInt(1_000)));
        kinds.put(
                "requests of a model, anywhere",
                random -> log + "&model=" + Traffic.model(random.nextInt(12)) + "&after=" + anywhere(random));
        kinds.put(
                "requests of a project and a token of another",
                random -> log + "&project_id=" + Traffic.project(1) + "&token_id=" + Traffic.token(2));
        kinds.put("requests with status 502, anywhere", random -> log + "&status=502&after=" + anywhere(random));
        kinds.put("requests slower than 2 s, anywhere", random -> log + "&min_ms=2000&after=" + anywhere(random));
        kinds.put("requests that nothing matches", random -> log + "&surface=nowhere&after=" + anywhere(random));
        kinds.put(
                "one request with attempts", random -> "/manage/requests/" + Traffic.requestId(requestNumber(random)));
    }

    private void audit(Kinds kinds) {
        String audit = "/manage/audit?page_size=50";
        kinds.put("audit, first page", random -> audit);
        kinds.next("audit, next page anywhere", random -> audit + until(random));
        kinds.put("audit, page 400 by its number", random -> audit + "&page=400" + until(random));
        kinds.put("audit of a project, first page", random -> audit + "&project_id=" + project(random));
        kinds.next("audit of a project, next page", random -> audit + "&project_id=" + project(random) + until(random));
        kinds.put("audit of a token as actor", random -> audit + "&actor=" + Traffic.token(random.nextInt(1_000)));
        kinds.put("audit of the management token", random -> audit + "&actor=management" + until(random));
        kinds.put("audit by a rare action", random -> audit + "&action=token.create" + until(random));
        kinds.put("audit by the commonest action", random -> audit + "&action=proxy_request" + until(random));
        kinds.put("audit by outcome denied", random -> audit + "&outcome=denied" + until(random));
        kinds.put(
                "audit of a project and an address of none",
                random -> audit + "&project_id=" + project(random) + "&client_ip=192.0.2.1");
        kinds.put("audit by client address", random -> audit + "&client_ip=192.0.2." + random.nextInt(8));
        kinds.put("audit by request id", random -> audit + "&request_id=" + Traffic.requestId(requestNumber(random)));
        kinds.put(
                "audit by correlation id",
                random -> audit + "&correlation_id=" + Traffic.correlationId(requestNumber(random) / 20 * 20));
        kinds.put("audit, text that is frequent", random -> audit + "&search=unreachable" + until(random));
        kinds.put("audit, text that is rare", random -> audit + "&search=" + Traffic.requestId(requestNumber(random)));
        kinds.put("audit, text that is nowhere", random -> audit + "&search=nowhere" + until(random));
        kinds.put("audit, text, 1 hour", random -> audit + "&search=unreachable" + hours(random, 1));
        kinds.put("audit, export of 1,000 of an hour", random -> "/manage/export/events?limit=1000" + hours(random, 1));
    }

    private void sums(Kinds kinds) {
        String series = "/manage/analytics/series?metric=";
        kinds.put("series by minute, 1 hour, all", random -> series + "requests&bucket=minute");
        kinds.put(
                "series by minute, 1 day, by model",
                random -> series + "requests&bucket=minute&group_by=model" + days(1));
        kinds.put("series by hour, 7 days, by token", random -> series + "cost&bucket=hour&group_by=token" + days(7));
        kinds.put(
                "series by hour, 7 days, by token, CSV",
                random -> series + "cost&bucket=hour&group_by=token&format=csv" + days(7));
        kinds.put(
                "series by hour, 7 days, p95 by model",
                random -> series + "latency_p95&bucket=hour&group_by=model" + days(7));
        kinds.put(
                "series by day, 30 days, by project",
                random -> series + "tokens_out&bucket=day&group_by=project" + days(30));
        kinds.put(
                "series by hour, 1 day, of a project by model",
                random -> series + "requests&bucket=hour&group_by=model&project_id=" + project(random) + days(1));
        kinds.put("summary, 1 day", random -> "/manage/analytics/summary?" + days(1).substring(1));
        kinds.put("summary, 30 days", random -> "/manage/analytics/summary?" + days(30).substring(1));
        kinds.put(
                "summary of a project, 30 days",
                random -> "/manage/analytics/summary?project_id=" + project(random) + days(30));
        kinds.put("top tokens, 30 days", random -> "/manage/analytics/top?by=token&metric=cost" + days(30));
        kinds.put(
                "usage of a wallet",
                random -> "/manage/usage/wallets/0x%040x".formatted(0x77aa_0000L + random.nextInt(500)));
    }

    private static String project(SplittableRandom random) {
        return Traffic.project(random.nextInt(200));
    }

    private long requestNumber(SplittableRandom random) {
        long number = random.nextLong(requests);
        return Traffic.managed(number) ? number - 1 : number;
    }

    private String until(SplittableRandom random) {
        return "&end_time=" + Instant.ofEpochSecond(end - random.nextLong(Traffic.SPAN_SECONDS / 2));
    }

    private String anywhere(SplittableRandom random) {
        long number = random.nextLong(requests);
        return new LogPlace(traffic.endedMicros(number), "bench", number + 1).cursor();
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
                refusal = timed(kind.apply(random)).refusal();
            }
            double[] millis = new double[times];
            for (int round = 0; round < times && refusal.isEmpty(); round++) {
                Timed one = timed(kind.apply(random));
                refusal = one.refusal();
                millis[round] = one.nanos() / 1e6;
            }
            Arrays.sort(millis);
            measured.put(name, new Times(millis[times / 2], millis[times * 95 / 100], millis[times - 1], refusal));
        });
        return measured;
    }

    /** @param refusal empty when every answer was 200, else what it says */
    private record Timed(long nanos, String refusal) {}

    private Timed timed(Question question) {
        String cursor = "";
        if (!question.first().isEmpty()) {
            HttpResponse<String> first = get(question.first());
            if (first.statusCode() != 200) {
                return new Timed(0, refusal(first));
            }
            cursor = String.valueOf(
                    new JsonObject(first.body()).getJsonObject("pagination").getString("next"));
        }
        long begin = System.nanoTime();
        for (String path : question.paths()) {
            HttpResponse<String> answer = get(path + cursor);
            if (answer.statusCode() != 200) {
                return new Timed(0, refusal(answer));
            }
        }
        return new Timed(System.nanoTime() - begin, "");
    }

    private static String refusal(HttpResponse<String> answer) {
        return String.format(Locale.ROOT, "%d %.120s", answer.statusCode(), answer.body());
    }

    private HttpResponse<String> get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + token)
                .timeout(PATIENCE)
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
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
