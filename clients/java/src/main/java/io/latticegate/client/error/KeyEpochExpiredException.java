package io.latticegate.client.error;

/** The session's keys are past their time and its grace; a session with fresh keys takes its place. */
public final class KeyEpochExpiredException extends ServiceRefusalException {
    private static final long serialVersionUID = 1L;

    KeyEpochExpiredException(int status, String code, String detail) {
        super(status, code, detail);
    }
}
