package io.latticegate.fhe.core.backend;

/** One step of a {@link WideNtt}: one loop over a range of words. An object for the reason that {@link FmaStage} gives. */
abstract class WideStage {
    final long q;

    WideStage(long q) {
        this.q = q;
    }

    /** Does this step on all words of the limb, in place. */
    abstract void apply(Limb x);
}
