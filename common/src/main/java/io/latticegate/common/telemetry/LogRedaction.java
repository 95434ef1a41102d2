package io.latticegate.common.telemetry;

import java.util.regex.Pattern;

/**
 * Takes out of a log line what looks like a credential, whoever logged it and at whatever level: the last line of defence behind
 * the rule that nothing logs one. The beginning stays where it tells what kind it was.
 */
final class LogRedaction {
    /** {@code Bearer abc1}, {@code Basic abc=}: what follows is long, or no word. */
    private static final Pattern SCHEME = Pattern.compile(
            "(?i)\\b(bearer|basic)\\s{1,4}(?:[A-Za-z0-9._~+/=-]{16,}|[A-Za-z]{0,15}[0-9._~+/=][A-Za-z0-9._~+/=-]*)");

    /** Headers and settings that hold one, with what follows them. */
    private static final Pattern NAMED = Pattern.compile(
            "(?i)\\b((?:proxy-)?authorization|x-api-key|x-goog-api-key|api[-_]?key|(?:set-)?cookie|password|x-amz-security-token)(\"?\\s{0,4}[:=]\\s{0,4})(?:\"[^\"]*\"?|[^\\s\"',;&}\\]]+(?:;[^\\r"
                    + "\\n"
                    + "\"}\\]]*)?)");

    /** Tokens and keys by how they begin. */
    private static final Pattern KEY =
            Pattern.compile("\\b(sk|lgm|pk|rk|ghp|gho|xox[abprs]|AKIA|ASIA|AIza)([-_]?)[A-Za-z0-9_-]{12,}");

    /** The part of a URL before the host. */
    private static final Pattern USER_INFO = Pattern.compile("://[^/\\s@\"]{1,200}@");

    private static final String HIDDEN = LogField.HIDDEN;

    private LogRedaction() {}

    static String of(String text) {
        if (text.length() < 8) {
            return text;
        }
        String schemed = SCHEME.matcher(text).replaceAll("$1 " + HIDDEN);
        String named = NAMED.matcher(schemed).replaceAll("$1$2" + HIDDEN);
        String keyed = KEY.matcher(named).replaceAll("$1$2" + HIDDEN);
        return USER_INFO.matcher(keyed).replaceAll("://" + HIDDEN + "@");
    }
}
