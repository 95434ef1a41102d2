package io.latticegate.proxy.relay;

/** What the response cache had to do with a request. */
public enum CacheOutcome {
    /** Nothing: the request may not be answered from the cache, or the cache is off. */
    BYPASS,
    /** The answer was kept from an earlier request. */
    HIT,
    /** The answer was kept from an earlier request that means the same. */
    SEMANTIC,
    /** The provider answered, and its answer was not kept. */
    MISS,
    /** The provider answered, and its answer is kept. */
    STORED
}
