package io.latticegate.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.latticegate.client.error.BrokenReplyException;
import io.latticegate.client.error.FheClientException;
import io.latticegate.client.error.KeyEpochExpiredException;
import io.latticegate.client.error.NotFoundException;
import io.latticegate.client.error.OverloadedException;
import io.latticegate.client.error.ServiceRefusalException;
import io.latticegate.client.error.ServiceUnreachableException;
import io.latticegate.client.frame.FrameReader;
import io.latticegate.fhe.core.client.KeyGenerator;
import io.latticegate.fhe.core.encode.Encoder;
import io.latticegate.fhe.core.key.SeededSwitchingKey;
import io.latticegate.fhe.core.wire.KeySetStream;
import io.latticegate.fhe.core.wire.SealCiphertext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A parameter set's keys at the service, and their renewal. The first computation makes a session there and uploads the
 * evaluation keys that it needs; later ones add what they need besides. Before the keys expire, and at the latest when the
 * service says that they have, a session with the keys of the next epoch takes the place of the old one; what runs under the
 * old keys meanwhile ends under them. Safe for use by several threads; who needs keys that are being made waits.
 */
public final class Session implements AutoCloseable {
    private static final String PATH = "/v1/fhe/sessions";
    private static final Duration UPLOAD_LIMIT = Duration.ofMinutes(30);

    private final Service service;
    private final Scheme scheme;
    private final SeedFile seed;
    private final InstantSource clock;
    private final Duration renewBefore;
    private final List<KeyEpoch> earlier = new ArrayList<>();
    private @Nullable KeyEpoch current;
    private KeyNeeds uploaded = KeyNeeds.NONE;
    private KeyNeeds wanted = KeyNeeds.NONE;
    private boolean closed;

    Session(Service service, Scheme scheme, SeedFile seed, InstantSource clock, Duration renewBefore) {
        this.service = service;
        this.scheme = scheme;
        this.seed = seed;
        this.clock = clock;
        this.renewBefore = renewBefore;
    }

    Scheme scheme() {
        return scheme;
    }

    /** Work under one epoch's keys. */
    @FunctionalInterface
    interface Work<T> {
        T under(KeyEpoch epoch);
    }

    /** Does work under keys that suffice for it, and once more under fresh ones where the service took them for expired. */
    <T> T under(KeyNeeds needs, Work<T> work) {
        KeyEpoch epoch = enter(needs);
        try {
            return work.under(epoch);
        } catch (KeyEpochExpiredException expired) {
            expire(epoch);
        } catch (NotFoundException absent) {
            if (isThere(epoch)) {
                throw absent;
            }
            expire(epoch);
        } finally {
            epoch.leave();
        }
        KeyEpoch fresh = enter(needs);
        try {
            return work.under(fresh);
        } finally {
            fresh.leave();
        }
    }

    /**
     * Encrypts, has the service compute, and decrypts.
     *
     * @param program for this session's parameter set
     * @param inputs one vector for each input of the program, of at most N/2 numbers; the other slots are zero
     * @return the slots of each output
     * @throws FheClientException where there is no result
     */
    public List<Encoder.Slots> compute(Program program, List<double[]> inputs) {
        if (program.preset() != scheme.preset() || program.inputs() != inputs.size()) {
            throw new IllegalArgumentException("a program of " + program.preset() + " with " + program.inputs()
                    + " inputs for " + inputs.size() + " vectors of " + scheme.preset());
        }
        return under(program.needs(), epoch -> {
            List<byte[]> ciphertexts = new ArrayList<>();
            for (double[] input : inputs) {
                ciphertexts.add(scheme.encrypted(
                        input, scheme.parameters().topLevel(), scheme.preset().scale(), epoch.secret()));
            }
            String job = UUID.randomUUID().toString();
            return service.frames(
                    PATH + "/" + epoch.sessionId() + "/ops",
                    Map.of(),
                    program.request(job),
                    ciphertexts,
                    scheme.ciphertextBytesMax(),
                    reply -> results(program, job, reply, epoch));
        });
    }

    private List<Encoder.Slots> results(Program program, String job, FrameReader reply, KeyEpoch epoch)
            throws IOException {
        requireJob(reply.head(), job);
        List<Encoder.Slots> slots = new ArrayList<>();
        for (Program.Value output : program.outputs()) {
            byte[] container = reply.next()
                    .orElseThrow(() -> new BrokenReplyException("a reply of " + slots.size()
                            + " results; the program has " + program.outputs().size()));
            slots.add(
                    scheme.decrypted(container, output.polynomials(), output.level(), output.scale(), epoch.secret()));
        }
        if (reply.next().isPresent()) {
            throw new BrokenReplyException("more results than the program's " + slots.size());
        }
        return slots;
    }

    /** A reply that names another job is an answer to something else. */
    static void requireJob(JsonNode head, String job) {
        if (!new Fields(head, "the reply").text("job").equals(job)) {
            throw new BrokenReplyException("the reply is to another job than " + job);
        }
    }

    /** Replaces the keys now, also where they are not yet due. */
    public synchronized void renew() {
        requireOpen();
        replace();
    }

    /** The service's name of the session in force, or nothing before the first computation. */
    public synchronized Optional<String> id() {
        return Optional.ofNullable(current).map(KeyEpoch::sessionId);
    }

    private synchronized KeyEpoch enter(KeyNeeds needs) {
        requireOpen();
        wanted = wanted.and(needs);
        KeyEpoch epoch = current;
        if (epoch == null) {
            epoch = replace();
        } else if (epoch.isDue(clock.instant())) {
            epoch = replaceInTime(epoch);
        }
        if (!uploaded.covers(needs)) {
            uploaded = upload(epoch, uploaded);
        }
        epoch.enter();
        return epoch;
    }

    /** Keys that are due but not yet expired serve on where the service has no room for their successors. */
    private KeyEpoch replaceInTime(KeyEpoch epoch) {
        try {
            return replace();
        } catch (OverloadedException | ServiceUnreachableException later) {
            if (epoch.isExpired(clock.instant())) {
                throw later;
            }
            return epoch;
        }
    }

    /** Whether what was not found is something else than the session. */
    private boolean isThere(KeyEpoch epoch) {
        try {
            return service.get(PATH + "/" + epoch.sessionId()).isObject();
        } catch (NotFoundException | KeyEpochExpiredException gone) {
            return false;
        }
    }

    private synchronized void expire(KeyEpoch epoch) {
        if (current == epoch && !closed) {
            replace();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }

    /** Makes the next session, uploads its keys, and only then lets it take the old one's place. */
    private KeyEpoch replace() {
        KeyEpoch old = current;
        KeyEpoch next = open(create(old));
        boolean complete = false;
        try {
            uploaded = upload(next, KeyNeeds.NONE);
            current = next;
            complete = true;
        } finally {
            if (!complete) {
                next.retire();
                deleteQuietly(next.sessionId());
            }
        }
        if (old != null) {
            earlier.add(old);
        }
        Instant now = clock.instant();
        earlier.removeIf(epoch -> {
            boolean over = now.isAfter(epoch.graceEnd());
            if (over) {
                epoch.retire();
            }
            return over;
        });
        return next;
    }

    private Fields create(@Nullable KeyEpoch replaced) {
        ObjectNode wish =
                Service.JSON.createObjectNode().put("preset", scheme.preset().name());
        if (replaced == null) {
            return new Fields(service.post(PATH, wish), "the session");
        }
        try {
            return new Fields(service.post(PATH, wish.deepCopy().put("replaces", replaced.sessionId())), "the session");
        } catch (NotFoundException | KeyEpochExpiredException forgotten) {
            return new Fields(service.post(PATH, wish), "the session");
        }
    }

    /** Lifetimes are measured by the service's clock and count from now by this machine's. */
    private KeyEpoch open(Fields session) {
        if (!session.text("preset").equals(scheme.preset().name())) {
            throw new BrokenReplyException("a session of " + session.text("preset") + " for " + scheme.preset());
        }
        Instant created = session.instant("created_at");
        Duration life = Duration.between(created, session.instant("expires_at"));
        Duration grace = Duration.between(created, session.instant("grace_until"));
        Duration margin = renewBefore.compareTo(life.dividedBy(2)) < 0 ? renewBefore : life.dividedBy(2);
        Instant now = clock.instant();
        KeyGenerator generator = new KeyGenerator(scheme.parameters(), scheme.backend(), seed.seed(), seed.nextEpoch());
        return new KeyEpoch(session.id("id"), generator, now.plus(life).minus(margin), now.plus(life), now.plus(grace));
    }

    /** Uploads what is wanted and not yet there, and says what is there then. */
    private KeyNeeds upload(KeyEpoch epoch, KeyNeeds there) {
        if (wanted.publicKey() && !there.publicKey()) {
            byte[] key = scheme.publicKey(epoch.generator(), epoch.secret());
            upload(epoch, "public", key.length, () -> new ByteArrayInputStream(key));
        }
        if (wanted.relinearisation() && !there.relinearisation()) {
            List<SealCiphertext> digits = digits(epoch.generator().relinearisationKey(epoch.secret()));
            upload(epoch, "relin", () -> KeySetStream.relinearisation(scheme.chain(), digits));
        }
        if (!there.elements().containsAll(wanted.elements())) {
            upload(
                    epoch,
                    "galois",
                    () -> KeySetStream.galois(
                            scheme.chain(),
                            wanted.elements(),
                            element -> digits(epoch.generator().galoisKey(epoch.secret(), element))));
        }
        return wanted;
    }

    private List<SealCiphertext> digits(SeededSwitchingKey key) {
        try {
            return scheme.objects().relinearisationContainer(key).keys().getFirst();
        } finally {
            key.digits().forEach(digit -> digit.body().close());
        }
    }

    private void upload(KeyEpoch epoch, String kind, Supplier<KeySetStream> make) {
        upload(epoch, kind, make.get().bytes(), make::get);
    }

    /** Sends keys while they are made, and compares what the service says it has with what was sent. */
    private void upload(KeyEpoch epoch, String kind, long bytes, Supplier<InputStream> make) {
        AtomicReference<MessageDigest> sent = new AtomicReference<>(sha256());
        BodyPublisher body = BodyPublishers.ofInputStream(() -> {
            MessageDigest digest = sha256();
            sent.set(digest);
            return new DigestInputStream(make.get(), digest);
        });
        JsonNode reply = service.put(
                PATH + "/" + epoch.sessionId() + "/keys/" + kind,
                Map.of(),
                BodyPublishers.fromPublisher(body, bytes),
                UPLOAD_LIMIT);
        if (!new Fields(reply, "the uploaded keys")
                .text("sha256")
                .equals(HexFormat.of().formatHex(sent.get().digest()))) {
            throw new BrokenReplyException("the service has stored other " + kind + " keys than were sent");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("this Java has no SHA-256", absent);
        }
    }

    /** Deletes the sessions at the service and destroys their secrets. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        KeyEpoch last = current;
        if (last != null) {
            earlier.add(last);
        }
        earlier.forEach(KeyEpoch::retire);
        if (last != null) {
            deleteQuietly(last.sessionId());
        }
    }

    /** A session that cannot be deleted expires by itself. */
    private void deleteQuietly(String id) {
        try {
            service.delete(PATH + "/" + id);
        } catch (ServiceRefusalException | ServiceUnreachableException left) {
            return;
        }
    }
}
