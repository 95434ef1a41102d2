package io.latticegate.proxy.dialect;

/** An error answer in a dialect: {@code application/json}, UTF-8. Written once, never compared. */
@SuppressWarnings("ArrayRecordComponent")
public record ErrorReply(int status, byte[] body) {}
