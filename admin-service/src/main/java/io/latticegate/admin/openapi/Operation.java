package io.latticegate.admin.openapi;

/**
 * A call that the management API offers.
 *
 * @param path with <code>{}</code> where any one segment may stand
 * @param action its name in the audit, unique
 * @param role the least role that may make it, as a word
 */
public record Operation(String method, String path, String action, String role) {}
