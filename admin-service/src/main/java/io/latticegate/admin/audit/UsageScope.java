package io.latticegate.admin.audit;

import java.util.Locale;

/** By what usage is summed. */
public enum UsageScope {
    /** The project whose token was used; the id is the project's. */
    PROJECT,
    /** The wallet that signed; the id is its address as the records spell it. */
    WALLET;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }
}
