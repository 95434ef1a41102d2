package io.latticegate.common.trace;

import io.latticegate.common.config.TracingConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The traces of one process, posted in the background to a collector (OTLP 1.x over HTTP, protobuf). Sampling is
 * parent-based: who continues a trace follows its beginning, and what begins here is traced in the configured share. Spans
 * wait in a bounded queue and are dropped when the collector is slow or away; requests never wait for it.
 *
 * <p>Where it is off, {@link TraceSpan#NONE} is all that is handed out, and nothing of the SDK is started.
 */
public final class Tracing implements AutoCloseable {
    private static final int QUEUE_MAX = 8_192;
    private static final int BATCH_MAX = 512;
    private static final Duration DELAY = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long CLOSE_SECONDS = 5;
    private static final int ATTRIBUTES_MAX = 32;
    private static final int ATTRIBUTE_LENGTH_MAX = 256;

    /** The library's own log, which would print on its own account; {@link CountedExporter} says what is to be said. */
    private static final Logger LIBRARY = Logger.getLogger("io.opentelemetry");

    private static final ScopedValue<TraceSpan> CURRENT = ScopedValue.newInstance();

    private final @Nullable SdkTracerProvider provider;
    private final @Nullable Tracer tracer;
    private final ClientTraces clientTraces;
    private final Exemplars exemplars;
    private final boolean tellsProviders;

    private Tracing(
            @Nullable SdkTracerProvider provider,
            @Nullable Tracer tracer,
            ClientTraces clientTraces,
            Exemplars exemplars,
            boolean tellsProviders) {
        this.provider = provider;
        this.tracer = tracer;
        this.clientTraces = clientTraces;
        this.exemplars = exemplars;
        this.tellsProviders = tellsProviders;
    }

    /**
     * Who the spans come from.
     *
     * @param service {@code service.name} unless the configuration names another
     * @param mesh {@code service.namespace}
     * @param version {@code service.version}
     */
    public record Source(String service, String mesh, String version) {}

    /** Traces nothing. A client's trace context still reaches the provider. */
    public static Tracing off() {
        return off(true);
    }

    private static Tracing off(boolean tellsProviders) {
        return new Tracing(null, null, new ClientTraces(0, System::nanoTime), new Exemplars(), tellsProviders);
    }

    /**
     * Starts the export, or {@link #off} where the configuration names no collector.
     *
     * @param exemplars those of {@code metrics}
     */
    public static Tracing start(TracingConfig config, Source source, MeterRegistry metrics, Exemplars exemplars) {
        URI otlp = config.otlp();
        if (otlp == null) {
            return off(config.toProvider());
        }
        LIBRARY.setLevel(Level.OFF);
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(otlp.toString())
                .setTimeout(TIMEOUT)
                .setConnectTimeout(TIMEOUT)
                .setRetryPolicy(null)
                .setCompression("gzip");
        config.headersByName().forEach(exporter::addHeader);
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(resource(config, source)))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.sampling())))
                .setSpanLimits(SpanLimits.builder()
                        .setMaxNumberOfAttributes(ATTRIBUTES_MAX)
                        .setMaxAttributeValueLength(ATTRIBUTE_LENGTH_MAX)
                        .setMaxNumberOfEvents(0)
                        .setMaxNumberOfLinks(0)
                        .build())
                .addSpanProcessor(BatchSpanProcessor.builder(new CountedExporter(exporter.build(), metrics))
                        .setMaxQueueSize(QUEUE_MAX)
                        .setMaxExportBatchSize(BATCH_MAX)
                        .setScheduleDelay(DELAY)
                        .setExporterTimeout(TIMEOUT)
                        .build())
                .build();
        return new Tracing(
                provider,
                provider.get("io.latticegate", source.version()),
                new ClientTraces(config.clientTracesPerSecond(), System::nanoTime),
                exemplars,
                config.toProvider());
    }

    private static Resource resource(TracingConfig config, Source source) {
        String service = config.serviceName().isEmpty() ? source.service() : config.serviceName();
        return Resource.create(Attributes.of(
                AttributeKey.stringKey("service.name"),
                service,
                AttributeKey.stringKey("service.namespace"),
                source.mesh(),
                AttributeKey.stringKey("service.version"),
                source.version(),
                AttributeKey.stringKey("service.instance.id"),
                UUID.randomUUID().toString()));
    }

    /** Whether anything is traced. */
    public boolean on() {
        return tracer != null;
    }

    /** Whether providers are told the trace of a request. */
    public boolean tellsProviders() {
        return tellsProviders;
    }

    /** Those that the metrics of this process were made with. */
    public Exemplars exemplars() {
        return exemplars;
    }

    /**
     * Begins the span of a client's request.
     *
     * @param client the trace that it says it belongs to, or null
     */
    public TraceSpan request(String name, @Nullable TraceContext client) {
        boolean taken = client == null || !client.sampled() || tracer == null || clientTraces.take();
        return serve(name, taken || client == null ? client : client.unsampled());
    }

    /** Begins the span of a question that another service of the mesh asks; whatever it began is followed. */
    public TraceSpan serve(String name, @Nullable TraceContext asker) {
        Tracer own = tracer;
        if (own == null) {
            return TraceSpan.NONE;
        }
        Context parent = Context.root();
        if (asker != null) {
            parent = parent.with(Span.wrap(SpanContext.createFromRemoteParent(
                    asker.traceId(),
                    asker.spanId(),
                    asker.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                    TraceState.getDefault())));
        }
        return new TraceSpan(
                own,
                own.spanBuilder(name)
                        .setParent(parent)
                        .setSpanKind(SpanKind.SERVER)
                        .startSpan());
    }

    /** The span that {@link #within} has set for what runs here, or {@link TraceSpan#NONE}. */
    public static TraceSpan current() {
        return CURRENT.isBound() ? CURRENT.get() : TraceSpan.NONE;
    }

    /** Runs {@code task}, and lets log lines and questions to other services in it belong to {@code span}. */
    public static void within(TraceSpan span, Runnable task) {
        if (span == TraceSpan.NONE) {
            task.run();
        } else {
            ScopedValue.where(CURRENT, span).run(task);
        }
    }

    /** Sends what waits, within a few seconds, and ends the export. */
    @Override
    public void close() {
        if (provider != null) {
            provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
