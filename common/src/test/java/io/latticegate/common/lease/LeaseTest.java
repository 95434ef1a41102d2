package io.latticegate.common.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.common.value.Allowance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LeaseTest {
    private static final long VALID = 1_000;
    private static final Allowance ONE = new Allowance(1, 10, 0);

    @ParameterizedTest
    @ValueSource(longs = {4, 1_000, Allowance.UNLIMITED / 2, Allowance.UNLIMITED})
    void isRenewedAtHalfItsLife(long requests) {
        Lease lease = lease(requests);
        lease.reserve(ONE, 1);

        assertThat(lease.dueForRenewal(VALID / 2 - 1)).isFalse();
        assertThat(lease.dueForRenewal(VALID / 2)).isTrue();
    }

    @Test
    void isRenewedEarlierWhenLittleIsLeft() {
        Lease lease = lease(100);
        for (int i = 0; i < 75; i++) {
            lease.reserve(ONE, 1);
        }
        assertThat(lease.dueForRenewal(1)).isFalse();
        lease.reserve(ONE, 1);
        assertThat(lease.dueForRenewal(1)).isTrue();
    }

    private static Lease lease(long requests) {
        return new Lease("l", "t", "p", new Allowance(requests, Allowance.UNLIMITED, Allowance.UNLIMITED), 0, VALID);
    }
}
