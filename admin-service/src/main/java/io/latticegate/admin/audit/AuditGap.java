package io.latticegate.admin.audit;

/**
 * Entries of a node that were never delivered although later ones were: the log or the journal lost them.
 *
 * @param from first missing sequence number
 * @param to last missing sequence number
 */
public record AuditGap(long from, long to) {}
