package io.latticegate.proxy.relay;

import io.latticegate.proxy.guard.AnswerGuard;

/** A translated answer behind guards: what they withhold was generated too, and counts. */
final class GuardedTranslation extends WrappedReply {
    private final AnswerGuard guard;

    GuardedTranslation(ReplyPath path, AnswerGuard guard) {
        super(path);
        this.guard = guard;
    }

    @Override
    public long outputTextBytes() {
        return Math.max(super.outputTextBytes(), guard.chars());
    }
}
