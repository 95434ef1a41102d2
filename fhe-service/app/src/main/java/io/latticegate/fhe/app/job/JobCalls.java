package io.latticegate.fhe.app.job;

import io.latticegate.fhe.app.Family;
import io.latticegate.fhe.app.describe.Abilities;
import io.latticegate.fhe.app.http.Call;
import io.latticegate.fhe.app.http.FrameReply;
import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.http.Route;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/fhe/jobs/{job}}, and the bond between a job and the call that waits for it. */
public final class JobCalls implements Family {
    private static final String JOB = "/v1/fhe/jobs/{job}";

    private final JobQueue jobs;

    public JobCalls(JobQueue jobs) {
        this.jobs = jobs;
    }

    /** A client that leaves cancels its job; a job that ends without an answer gets one. */
    public static void bind(Call call, Job job, FrameReply reply) {
        call.note("job", job.id());
        call.onGone(job::cancel);
        var unused = job.ending().thenRun(() -> {
            Refusal error = job.error();
            if (job.state() == JobState.CANCELLED) {
                reply.refuse(Refusal.of(409, "cancelled", "The job was cancelled"));
            } else if (error != null) {
                reply.refuse(error);
            }
        });
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get(JOB, this::get), Route.delete(JOB, "fhe.job.cancel", this::cancel));
    }

    @Override
    public void describe(Abilities abilities) {
        abilities.limit("job_memory_bytes", jobs.memoryBytes());
    }

    private Job own(Call call) {
        return jobs.table().require(call.caller().projectId(), call.value("job"));
    }

    private void get(Call call) {
        call.answer(200, wire(own(call)));
    }

    private void cancel(Call call) {
        Job job = own(call);
        call.note("job", job.id());
        job.cancel();
        call.answer(200, wire(job));
    }

    private static JsonObject wire(Job job) {
        JsonObject wire = new JsonObject()
                .put("job", job.id())
                .put("kind", job.kind())
                .put("state", job.state().wireName())
                .put("created_at", job.createdAt().toString());
        put(wire, "started_at", job.startedAt());
        put(wire, "ended_at", job.endedAt());
        Refusal error = job.error();
        return error == null ? wire : wire.put("error", error.error());
    }

    private static void put(JsonObject wire, String name, @Nullable Instant time) {
        if (time != null) {
            wire.put(name, time.toString());
        }
    }
}
