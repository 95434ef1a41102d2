package io.latticegate.common.store;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The environment failed, not the caller: caught once per flow and answered with 503 or 500. */
public abstract sealed class StoreFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StoreFault(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The store cannot be reached, does not answer, or cannot write. Nothing was changed; asking later may help. */
    public static final class Unavailable extends StoreFault {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Others kept changing the same rows through every attempt. Nothing was changed. */
    public static final class Contended extends StoreFault {
        private static final long serialVersionUID = 1L;

        public Contended(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The connection broke while the commit was under way: the change may or may not have been made. */
    public static final class OutcomeUnknown extends StoreFault {
        private static final long serialVersionUID = 1L;

        public OutcomeUnknown(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store refused the statement or the migration: a bug or a wrong setting, which waiting does not cure. */
    public static final class Failed extends StoreFault {
        private static final long serialVersionUID = 1L;

        public Failed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Reads what a driver says (PostgreSQL by SQLSTATE, appendix A of its manual; SQLite by primary result code).
     *
     * @param what which store, for the message
     */
    static StoreFault of(String what, SQLException cause) {
        if (cause instanceof SQLiteException sqlite) {
            return ofSqlite(what, sqlite);
        }
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        if (cause instanceof SQLTransientConnectionException || state.startsWith("08") || state.startsWith("57P")) {
            return new Unavailable(what + " cannot be reached", cause);
        }
        return switch (state) {
            case "40001", "40P01", "55P03" -> new Contended(what + " is contended", cause);
            case "53300" -> new Unavailable(what + " has no connection left", cause);
            case "53100", "53200" -> new Unavailable(what + " is out of disk or memory", cause);
            case "25006" -> new Unavailable(what + " is a read-only replica", cause);
            case "57014" -> new Unavailable(what + " took too long", cause);
            default -> new Failed(what + " refused a statement (SQLSTATE " + state + ")", cause);
        };
    }

    private static StoreFault ofSqlite(String what, SQLiteException cause) {
        int primary = cause.getResultCode().code & 0xff;
        if (primary == SQLiteErrorCode.SQLITE_BUSY.code || primary == SQLiteErrorCode.SQLITE_LOCKED.code) {
            return new Contended(what + " is locked", cause);
        }
        if (primary == SQLiteErrorCode.SQLITE_IOERR.code
                || primary == SQLiteErrorCode.SQLITE_FULL.code
                || primary == SQLiteErrorCode.SQLITE_CANTOPEN.code
                || primary == SQLiteErrorCode.SQLITE_READONLY.code) {
            return new Unavailable(what + " cannot be written (" + cause.getResultCode() + ")", cause);
        }
        return new Failed(what + " refused a statement (" + cause.getResultCode() + ")", cause);
    }
}
