package io.latticegate.e2e.fhe;

import io.latticegate.e2e.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CountDownLatch;

/** All services in a JVM of their own, until it is killed. */
final class FheStackMain {
    /** @param arguments where to write the address of encrypted compute, a token and the management address; a data folder */
    static void main(String[] arguments) throws IOException, InterruptedException {
        LocalStack stack = LocalStack.with().folder(Path.of(arguments[1])).start();
        Path ready = Path.of(arguments[0]);
        Path draft = ready.resolveSibling("draft");
        Files.writeString(draft, stack.fheUrl() + " " + stack.token() + " " + stack.managementUrl());
        Files.move(draft, ready, StandardCopyOption.ATOMIC_MOVE);
        new CountDownLatch(1).await();
    }

    private FheStackMain() {}
}
