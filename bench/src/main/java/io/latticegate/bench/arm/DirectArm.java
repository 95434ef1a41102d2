package io.latticegate.bench.arm;

import java.nio.file.Path;
import java.util.Optional;

/** No relay: what the generator and the provider cost by themselves. */
final class DirectArm implements Arm {
    @Override
    public String name() {
        return "direct";
    }

    @Override
    public String what() {
        return "the generator talks to the mock provider";
    }

    @Override
    public Optional<String> absence() {
        return Optional.empty();
    }

    @Override
    public Relay start(int providerPort, Path folder) {
        return new Relay(providerPort, "", null);
    }
}
