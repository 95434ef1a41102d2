package io.latticegate.common.journal;

/** What an accepted append survives before {@link Journal#durable(long)} completes. */
public enum Durability {
    /** The end of the process, also by SIGKILL: the record is in the page cache. A power cut may take the last force interval. */
    PROCESS,
    /** A power cut: {@link Journal#durable(long)} completes only after the record was forced to the device. */
    DISK
}
