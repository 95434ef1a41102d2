package io.latticegate.proxy.chat;

/** Why a model stopped. A stream that was cut has no reason; it never gets one of these. */
public enum FinishReason {
    /** The model came to a natural end. */
    STOP,
    /** One of the caller's stop sequences was generated. */
    STOP_SEQUENCE,
    /** The output limit or the context window was reached. */
    LENGTH,
    /** The model calls one or more tools and waits for their results. */
    TOOL_CALLS,
    /** A filter of the provider withheld content. */
    CONTENT_FILTER,
    /** The model declined to answer. */
    REFUSAL,
    /** The provider paused a long turn; sending the answer back continues it. */
    PAUSE
}
