package io.latticegate.proxy.relay;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.regex.Pattern;

/** What a client's headers say about its own attempts and accounts. */
final class ClientHints {
    /** With one of these, a refused credential may be due to what the client asked for. */
    private static final List<String> ACCOUNT_HEADERS =
            List.of("OpenAI-Organization", "OpenAI-Project", "anthropic-beta");

    /** Sent by the OpenAI and Anthropic libraries: how often they have repeated the request. */
    private static final String RETRIES_HEADER = "X-Stainless-Retry-Count";

    /** Sent by AWS's libraries: {@code attempt=1; max=3}. */
    private static final String AWS_ATTEMPT_HEADER = "amz-sdk-request";

    private static final Pattern AWS_FIRST_ATTEMPT = Pattern.compile("attempt=1(?!\\d)");

    /** A client that repeats its request on its own is not helped by repeating each of its requests again (C-83). */
    static boolean repeats(MultiMap headers) {
        String count = headers.get(RETRIES_HEADER);
        String aws = headers.get(AWS_ATTEMPT_HEADER);
        return count != null && !count.equals("0")
                || aws != null
                        && aws.startsWith("attempt=")
                        && !AWS_FIRST_ATTEMPT.matcher(aws).lookingAt();
    }

    /** Whether the client names an account or a beta feature of the provider itself. */
    static boolean namesAccount(MultiMap headers) {
        return ACCOUNT_HEADERS.stream().anyMatch(headers::contains);
    }

    private ClientHints() {}
}
