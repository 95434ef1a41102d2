package io.latticegate.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTextTest {
    @Test
    void durationsAndSizesReadWhatTheyPrint() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 10_000; round++) {
            Duration duration = Duration.ofMillis(random.nextLong(1L << (1 + random.nextInt(38))));
            assertThat(DurationText.parse(DurationText.print(duration), false))
                    .as("seed %d", seed)
                    .isEqualTo(duration);
            long bytes = random.nextLong(1L << (1 + random.nextInt(38)));
            assertThat(SizeText.parse(SizeText.print(bytes)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @CsvSource({"prot,port,2", "kitten,sitting,3", "'',abc,3", "same,same,0"})
    void countsTheLettersThatDiffer(String left, String right, int distance) {
        assertThat(NearestName.distance(left, right)).isEqualTo(distance);
        assertThat(NearestName.distance(right, left)).isEqualTo(distance);
    }

    @Test
    void suggestsNothingWhereNothingIsNear() {
        assertThat(NearestName.to("quantum", List.of("port", "host"))).isEmpty();
        assertThat(NearestName.to("x".repeat(1_000), List.of("port"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.255.0.1,true",
        "10.0.0.0/8,11.0.0.1,false",
        "10.0.0.128/25,10.0.0.127,false",
        "10.0.0.128/25,10.0.0.200,true",
        "0.0.0.0/0,8.8.8.8,true",
        "0.0.0.0/0,::1,false",
        "::1,::1,true",
        "fd00::/7,fe00::1,false",
        "fd00::/7,fc12::1,true"
    })
    void aBlockContainsItsAddresses(String block, String address, boolean contained) {
        assertThat(CidrBlock.parse(block).contains(InetAddress.ofLiteral(address)))
                .isEqualTo(contained);
    }
}
