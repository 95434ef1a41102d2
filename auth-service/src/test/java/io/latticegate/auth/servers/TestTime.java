package io.latticegate.auth.servers;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A wall clock that moves when told. */
public final class TestTime implements InstantSource {
    private final AtomicLong millis;

    public TestTime(long millis) {
        this.millis = new AtomicLong(millis);
    }

    public void advance(Duration by) {
        millis.addAndGet(by.toMillis());
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis.get());
    }
}
