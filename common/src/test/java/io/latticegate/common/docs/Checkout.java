package io.latticegate.common.docs;

import java.nio.file.Path;

/** The checkout that is being tested. */
final class Checkout {
    static final Path ROOT = Path.of(System.getProperty("latticegate.root", ".."))
            .toAbsolutePath()
            .normalize();

    private Checkout() {}
}
