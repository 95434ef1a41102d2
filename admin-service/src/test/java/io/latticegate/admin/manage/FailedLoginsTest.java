package io.latticegate.admin.manage;

import static org.assertj.core.api.Assertions.assertThat;

import io.latticegate.testing.FakeTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
    private final FakeTime time = new FakeTime();
    private final FailedLogins logins = new FailedLogins(3, 2, time::nanos);

    @Test
    void makesAnAddressWaitForTheRestOfItsMinute() {
        assertThat(logins.failed("10.0.0.1")).isFalse();
        time.advance(Duration.ofSeconds(20));
        assertThat(logins.failed("10.0.0.1")).isFalse();
        assertThat(logins.waitSeconds("10.0.0.1")).isZero();
        assertThat(logins.failed("10.0.0.1")).isTrue();

        assertThat(logins.waitSeconds("10.0.0.1")).isEqualTo(40);
        assertThat(logins.waitSeconds("10.0.0.2")).isZero();
    }

    @Test
    void letsTheAddressTryAgainAfterTheMinute() {
        fail("10.0.0.1", 3);
        time.advance(Duration.ofSeconds(60));

        assertThat(logins.waitSeconds("10.0.0.1")).isZero();
        assertThat(logins.failed("10.0.0.1")).isFalse();
    }

    @Test
    void doesNotFollowTheWallClock() {
        fail("10.0.0.1", 3);
        time.jumpWallClock(Duration.ofDays(1));

        assertThat(logins.waitSeconds("10.0.0.1")).isEqualTo(60);
    }

    @Test
    void countsIpv6ByItsNetwork() {
        fail("2001:db8:0:1::1", 1);
        fail("2001:db8:0:1:ffff::2", 2);

        assertThat(logins.waitSeconds("2001:db8:0:1::3")).isPositive();
        assertThat(logins.waitSeconds("2001:db8:0:2::1")).isZero();
    }

    @Test
    void forgetsTheOldestWhenThereAreTooMany() {
        fail("10.0.0.1", 3);
        fail("10.0.0.2", 3);
        fail("10.0.0.3", 3);

        assertThat(logins.waitSeconds("10.0.0.1")).isZero();
        assertThat(logins.waitSeconds("10.0.0.2")).isPositive();
        assertThat(logins.waitSeconds("10.0.0.3")).isPositive();
    }

    private void fail(String address, int times) {
        boolean last = false;
        for (int i = 0; i < times; i++) {
            last = logins.failed(address);
        }
        assertThat(last).isEqualTo(logins.waitSeconds(address) > 0);
    }
}
