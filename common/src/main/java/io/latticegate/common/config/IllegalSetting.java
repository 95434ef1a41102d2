package io.latticegate.common.config;

/** A value out of its bounds. Thrown by the records' constructors; the reader adds the place of the value. */
final class IllegalSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;

    /** @param key the setting's key inside its section, dotted where it lies deeper */
    IllegalSetting(String key, String message) {
        super(message);
        this.key = key;
    }

    String key() {
        return key;
    }

    static void unless(boolean allowed, String key, String message) {
        if (!allowed) {
            throw new IllegalSetting(key, message);
        }
    }
}
