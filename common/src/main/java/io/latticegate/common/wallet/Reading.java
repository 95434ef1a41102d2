package io.latticegate.common.wallet;

import java.util.function.Function;

/** What became of reading a signed body. */
public sealed interface Reading<T> {

    /** The body is well formed and its typed data is the server's own. Nothing has been verified yet. */
    record Accepted<T>(T body) implements Reading<T> {}

    /**
     * The body is refused before any signature is looked at.
     *
     * @param status the HTTP status: 400, 401 or 413
     * @param code a word for programs, one of the constants of {@link Refused}
     * @param detail a sentence for people: what, where, what is allowed; never a value of the message
     */
    record Refused<T>(int status, String code, String detail) implements Reading<T> {
        /** 413: more bytes than the limit. */
        public static final String TOO_LARGE = "body_too_large";

        /** 400: not UTF-8, not one JSON document, a member twice, too deep. */
        public static final String MALFORMED = "malformed_body";

        /** 400: a declared field is absent. */
        public static final String MISSING_FIELD = "missing_field";

        /** 400: an undeclared field, or a value of the wrong type or outside its range. */
        public static final String INVALID_FIELD = "invalid_field";

        /** 401: types, domain or primaryType differ from the server's constants. */
        public static final String SCHEMA_MISMATCH = "typed_data_schema_mismatch";

        /** 401: no signature, two different ones, or one that is not well formed. */
        public static final String INVALID_SIGNATURE = "invalid_signature";
    }

    /** The same refusal, or what {@code change} makes of the body. */
    default <U> Reading<U> map(Function<? super T, ? extends U> change) {
        return switch (this) {
            case Accepted<T>(T body) -> new Accepted<>(change.apply(body));
            case Refused<T>(int status, String code, String detail) -> new Refused<>(status, code, detail);
        };
    }
}
