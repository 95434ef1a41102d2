package io.latticegate.fhe.app.search;

import io.latticegate.fhe.app.http.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An index, by its owner and the name that the owner gave it.
 *
 * @param owner id of a project
 * @param name of letters that are safe in a path
 */
record IndexName(String owner, String name) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern PROJECT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");
    private static final Pattern QUALIFIED = Pattern.compile("(" + PROJECT.pattern() + ")~(" + NAME.pattern() + ")");

    /** An index that the caller makes. @throws Refusal 400 where the name is malformed */
    static IndexName own(String caller, String name) {
        if (!NAME.matcher(name).matches()) {
            throw Refusal.invalid("The name of the index is malformed; allowed are 1 to 64 lower-case letters, digits,"
                    + " dots, hyphens and underscores that begin with a letter or digit");
        }
        return new IndexName(caller, name);
    }

    /** An index that the caller looks for: {@code name}, or {@code project~name}. @throws Refusal 404 for another form */
    static IndexName of(String caller, String given) {
        Matcher qualified = QUALIFIED.matcher(given);
        if (qualified.matches()) {
            return new IndexName(qualified.group(1), qualified.group(2));
        }
        if (!NAME.matcher(given).matches()) {
            throw Refusal.notFound("index");
        }
        return new IndexName(caller, given);
    }

    static boolean isProject(String id) {
        return PROJECT.matcher(id).matches();
    }

    /** How its privacy account is called, and what others name it by. */
    String qualified() {
        return owner + "~" + name;
    }
}
