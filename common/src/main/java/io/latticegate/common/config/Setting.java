package io.latticegate.common.config;

/**
 * One setting as it was read: what the documentation and the description of the running configuration print.
 *
 * @param path dotted path; {@code <name>} where the operator chooses the key
 * @param type and allowed what may be written; {@code allowed} is empty where the type says it all
 * @param fallback the default in the form in which it would be written
 * @param shown the effective value, {@code ***} for a secret
 */
record Setting(
        String path, String type, String allowed, String fallback, String meaning, String shown, Source source) {}
