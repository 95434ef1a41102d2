package io.latticegate.fhe.app.head;

import io.latticegate.fhe.app.http.Refusal;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.head.CompiledHead;
import io.latticegate.fhe.core.head.HeadCompiler;
import io.latticegate.fhe.core.head.HeadModel;
import io.latticegate.fhe.core.head.HeadRefusedException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Heads whose weights are encoded, within a bound of memory. Each is encoded once, by whoever asks first; one at a time is
 * encoded. To make room the least recently used ones go that nobody computes with; one that was replaced or deleted goes with
 * its last user. Where those in use leave no room, a further head is refused.
 */
final class HeadCache {
    private static final Duration COMPILE_PATIENCE = Duration.ofSeconds(30);

    private final HeadStore store;
    private final HeadCompiler compiler;
    private final long bytesMax;
    private final Timer compiled;
    private final ReentrantLock compiling = new ReentrantLock();
    private final LinkedHashMap<String, OpenHead> open = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    HeadCache(HeadStore store, Scheme scheme, long bytesMax, MeterRegistry metrics) {
        this.store = store;
        this.bytesMax = bytesMax;
        this.compiler = new HeadCompiler(
                scheme.parameters(),
                scheme.preset().scale(),
                new Encoder(scheme.parameters(), scheme.backend()),
                bytesMax);
        this.compiled = Timer.builder("fhe.heads.compile")
                .description("Time that encoding a head's weights takes")
                .register(metrics);
        Gauge.builder("fhe.heads.memory", this, HeadCache::bytes)
                .description("Encoded weights of heads")
                .baseUnit("bytes")
                .register(metrics);
        Gauge.builder("fhe.heads.open", this, HeadCache::size)
                .description("Heads whose weights are encoded")
                .register(metrics);
    }

    /** A head that is not closed before it is released. */
    final class OpenHead {
        private final Head head;
        private final CompiledHead circuit;
        private int users;
        private boolean kept = true;

        private OpenHead(Head head, CompiledHead circuit) {
            this.head = head;
            this.circuit = circuit;
        }

        Head head() {
            return head;
        }

        CompiledHead circuit() {
            return circuit;
        }

        /** Lets go; each user once. */
        void release() {
            synchronized (HeadCache.this) {
                users--;
                closeUnused();
            }
        }

        private void closeUnused() {
            if (users == 0 && !kept) {
                bytes -= head.shape().weightBytes();
                circuit.close();
            }
        }

        private void drop() {
            kept = false;
            closeUnused();
        }
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized int size() {
        return open.size();
    }

    /**
     * Encodes a model that is not kept yet. Nobody else encodes meanwhile, so that what is beyond the bound is one head's.
     *
     * @param use is given the circuit, and does what must be done before it may be asked for
     * @throws Refusal 422 where the model does not fit
     */
    Head compile(HeadModel model, Keeping use) throws IOException {
        lockCompiling();
        try {
            CompiledHead circuit = compile(model);
            boolean handedOn = false;
            try {
                Head head = use.keep(HeadShape.of(circuit));
                handedOn = offer(head, circuit);
                return head;
            } finally {
                if (!handedOn) {
                    circuit.close();
                }
            }
        } finally {
            compiling.unlock();
        }
    }

    /** Writes a head whose shape is known. */
    @FunctionalInterface
    interface Keeping {
        Head keep(HeadShape shape) throws IOException;
    }

    private CompiledHead compile(HeadModel model) {
        long started = System.nanoTime();
        try {
            return compiler.compile(model);
        } catch (HeadRefusedException doesNotFit) {
            throw Refusal.of(422, "circuit_refused", String.valueOf(doesNotFit.getMessage()));
        } finally {
            compiled.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
        }
    }

    private void lockCompiling() {
        try {
            if (!compiling.tryLock(COMPILE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Refusal.overloaded("Other heads are being encoded");
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw Refusal.overloaded("The service is stopping");
        }
    }

    /** Whether there is room for it, so that it is kept. */
    private synchronized boolean offer(Head head, CompiledHead circuit) {
        if (!makeRoom(head.shape().weightBytes())) {
            return false;
        }
        add(head, circuit);
        return true;
    }

    private OpenHead add(Head head, CompiledHead circuit) {
        OpenHead added = new OpenHead(head, circuit);
        bytes += head.shape().weightBytes();
        open.put(head.id(), added);
        return added;
    }

    private boolean makeRoom(long wanted) {
        List<OpenHead> unused = new ArrayList<>();
        long left = bytesMax - bytes;
        for (OpenHead eldest : open.values()) {
            if (left >= wanted) {
                break;
            }
            if (eldest.users == 0) {
                unused.add(eldest);
                left += eldest.head.shape().weightBytes();
            }
        }
        if (left < wanted) {
            return false;
        }
        unused.forEach(eldest -> {
            open.remove(eldest.head.id());
            eldest.drop();
        });
        return true;
    }

    private synchronized @Nullable OpenHead use(Head head) {
        OpenHead known = open.get(head.id());
        if (known != null) {
            known.users++;
        }
        return known;
    }

    /**
     * A head to compute with, of the version that is stored now. The caller releases it.
     *
     * @throws Refusal 404 where it is gone, 422 where it is of another release, 503 where there is no room
     */
    OpenHead open(Head wanted) throws IOException {
        OpenHead known = use(wanted);
        if (known != null) {
            return known;
        }
        lockCompiling();
        try {
            HeadFile.Content content = store.load(wanted.owner(), wanted.name());
            if (content == null) {
                throw Refusal.notFound("head");
            }
            known = use(content.head());
            return known != null ? known : open(content);
        } finally {
            compiling.unlock();
        }
    }

    private OpenHead open(HeadFile.Content content) {
        Head head = content.head();
        reserve(head.shape().weightBytes());
        @Nullable CompiledHead circuit = null;
        try {
            circuit = compile(content.model());
            if (!HeadShape.of(circuit).sameCircuit(head.shape())) {
                throw Refusal.of(
                        422,
                        "circuit_refused",
                        "This release of the service computes the head with another circuit than the one that its"
                                + " description names; its owner must put it again");
            }
            CompiledHead opened = circuit;
            circuit = null;
            return addUsed(head, opened);
        } finally {
            giveBack(head.shape().weightBytes());
            if (circuit != null) {
                circuit.close();
            }
        }
    }

    private synchronized void reserve(long wanted) {
        if (!makeRoom(wanted)) {
            throw Refusal.overloaded("The heads that are computed with take " + bytes + " of " + bytesMax
                    + " bytes; this one takes " + wanted);
        }
        bytes += wanted;
    }

    private synchronized void giveBack(long reserved) {
        bytes -= reserved;
    }

    private synchronized OpenHead addUsed(Head head, CompiledHead circuit) {
        OpenHead added = add(head, circuit);
        added.users++;
        return added;
    }

    /** Drops what is not served any more. */
    synchronized void forget(Head gone) {
        OpenHead dropped = open.remove(gone.id());
        if (dropped != null) {
            dropped.drop();
        }
    }
}
