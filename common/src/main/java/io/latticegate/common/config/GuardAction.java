package io.latticegate.common.config;

/** What is done with text that a guard recognises, the strongest first. */
public enum GuardAction {
    /** The request, or the answer, is refused. */
    BLOCK,
    /** The text is replaced by a label. */
    REDACT,
    /** The text passes; the journal and the metrics say that it was there. */
    FLAG
}
