package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.guard.AnswerGuard;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** A complete answer in the client's own protocol that is withheld until it is examined as a whole. */
final class GuardedReply extends WrappedReply {
    /** Largest answer that is examined; of a larger one nothing is shown. */
    static final int BYTES_MAX = 4 * 1024 * 1024;

    private final AnswerGuard guard;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable ProviderError tooLarge;

    GuardedReply(ReplyPath path, AnswerGuard guard) {
        super(path);
        this.guard = guard;
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        super.onBytes(bytes);
        if (body.size() + bytes.length() > BYTES_MAX) {
            tooLarge = tooLarge();
            body.reset();
        } else {
            body.writeBytes(bytes.getBytes());
        }
        return Ending.NOTHING;
    }

    @Override
    public @Nullable ProviderError abandoned() {
        return tooLarge == null ? super.abandoned() : tooLarge;
    }

    @Override
    public Ending onEnd() {
        Ending ending = super.onEnd();
        byte[] shown = guard.document(body.toByteArray());
        ProviderError refusal = guard.refusal();
        return refusal == null
                ? new Ending(Buffer.buffer(shown), ending.failure())
                : new Ending(Ending.NOTHING, refusal);
    }

    @Override
    public boolean withholdsFailed() {
        return guard.refusal() != null || super.withholdsFailed();
    }

    static ProviderError tooLarge() {
        return new ProviderError(
                ProviderError.Kind.CLIENT_FAULT,
                422,
                "The answer has more than " + BYTES_MAX + " bytes, which is more than guards examine",
                "guard_answer_too_large");
    }
}
