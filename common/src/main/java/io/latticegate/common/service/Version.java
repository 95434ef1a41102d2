package io.latticegate.common.service;

import java.util.Optional;

/** The version of this build, from the jar's manifest. */
public final class Version {
    public static final String CURRENT = Optional.ofNullable(
                    Version.class.getPackage().getImplementationVersion())
            .orElse("development");

    private Version() {}
}
