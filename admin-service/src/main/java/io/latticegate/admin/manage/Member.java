package io.latticegate.admin.manage;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Every member that a request body of the management API may have. */
enum Member {
    NAME(Type.TEXT),
    TOKEN(Type.SECRET),
    ROLE(Type.TEXT),
    PROJECTS(Type.TEXTS),
    ALL_PROJECTS(Type.FLAG),
    EXPIRES_AT(Type.TEXT),
    PROVIDER(Type.TEXT),
    API_KEY(Type.SECRET),
    IS_ACTIVE(Type.FLAG),
    REVOKE_TOKENS(Type.FLAG),
    PROJECT_ID(Type.TEXT),
    DURATION_MINUTES(Type.NUMBER),
    MAX_REQUESTS(Type.NUMBER),
    MAX_TOKENS(Type.NUMBER),
    MAX_COST_USD(Type.DECIMAL),
    METHOD(Type.TEXT),
    URL(Type.TEXT),
    PREFIX(Type.TEXT),
    WEIGHT(Type.NUMBER),
    PROJECT(Type.TEXT),
    INDEX(Type.TEXT),
    WHAT(Type.TEXT),
    KIND(Type.TEXT),
    ID(Type.TEXT);

    /** What a value must be. */
    enum Type {
        TEXT("a string"),
        TEXTS("a list of strings"),
        SECRET("a string"),
        FLAG("true or false"),
        NUMBER("a whole number"),
        DECIMAL("a number");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        /** For an error message. */
        String words() {
            return words;
        }
    }

    private final Type type;

    Member(Type type) {
        this.type = type;
    }

    Type type() {
        return type;
    }

    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Member> named(String name) {
        return Arrays.stream(values())
                .filter(member -> member.wireName().equals(name))
                .findFirst();
    }

    /** A name that a client chose, quoted if it is a plain word and hidden otherwise. */
    static String shown(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]{0,39}") ? "\"" + name + "\"" : "(not a plain word)";
    }
}
