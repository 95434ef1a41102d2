package io.latticegate.testing;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The {@link FakeProvider}'s control endpoints, for tests in another process. */
final class Control {
    private static final int LIMIT_DEFAULT = 100;
    private static final int LIMIT_MAX = 10_000;

    private final RequestLog log;
    private final Runnable reset;

    Control(RequestLog log, Runnable reset) {
        this.log = log;
        this.reset = reset;
    }

    void answer(HttpServerRequest request) {
        switch (request.method().name() + " " + request.path()) {
            case "GET /__requests" -> send(request, 200, requests(request));
            case "POST /__reset" -> {
                reset.run();
                send(request, 200, JsonObject.of("reset", true));
            }
            default -> send(request, 404, JsonObject.of("error", "known: GET /__requests?path=&limit=, POST /__reset"));
        }
    }

    private static void send(HttpServerRequest request, int status, JsonObject body) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.toBuffer());
    }

    /** The last {@code limit} requests, oldest first, of one path or of all, and the counts. */
    private JsonObject requests(HttpServerRequest request) {
        String path = request.getParam("path");
        String limit = request.getParam("limit");
        int most = limit != null && limit.matches("\\d{1,5}")
                ? Math.min(Integer.parseInt(limit), LIMIT_MAX)
                : LIMIT_DEFAULT;
        List<RecordedRequest> chosen = log.records().stream()
                .filter(each -> path == null || path.equals(each.path()))
                .toList();
        JsonArray last = new JsonArray();
        chosen.subList(Math.max(0, chosen.size() - most), chosen.size()).forEach(each -> last.add(json(each)));
        JsonObject counts = new JsonObject();
        log.counts().forEach(counts::put);
        return JsonObject.of("count", log.count(), "counts", counts, "requests", last);
    }

    private static JsonObject json(RecordedRequest request) {
        JsonArray headers = new JsonArray();
        request.headers().forEach(header -> headers.add(JsonArray.of(header.getKey(), header.getValue())));
        RecordedRequest.Ending ending = request.ending();
        return JsonObject.of(
                        "number",
                        request.number(),
                        "at",
                        request.at().toString(),
                        "method",
                        request.method(),
                        "path",
                        request.path(),
                        "query",
                        request.query(),
                        "model",
                        request.model(),
                        "headers",
                        headers,
                        "body",
                        request.bodyText(),
                        "bodyLength",
                        request.bodyLength(),
                        "outcome",
                        ending.outcome().name())
                .put("endedAfterNanos", endedAfterNanos(request, ending));
    }

    private static long endedAfterNanos(RecordedRequest request, RecordedRequest.Ending ending) {
        return ending.outcome() == RecordedRequest.Outcome.OPEN ? -1 : ending.atNanos() - request.atNanos();
    }
}
