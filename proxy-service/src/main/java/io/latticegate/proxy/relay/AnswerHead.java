package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.bedrock.BedrockConverse;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges the head of a provider's answer before anything of it is passed on. The HTTP client bounds its size; here its
 * status, the number of its lines, and every octet are looked at, so that no header of a provider can become another one
 * at the client (CWE-113).
 */
final class AnswerHead {
    /** Most header lines of an answer. */
    static final int LINES_MAX = 128;

    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

    /** Why the answer cannot be passed on, or null. */
    static @Nullable ProviderError fault(int status, MultiMap headers) {
        if (status < 200 || status > 599) {
            return protocolError("status " + status);
        }
        int lines = 0;
        for (Map.Entry<String, String> header : headers) {
            if (++lines > LINES_MAX) {
                return protocolError("more than " + LINES_MAX + " headers");
            }
            if (!isToken(header.getKey()) || !isText(header.getValue())) {
                return protocolError("a malformed header");
            }
        }
        return null;
    }

    /**
     * Why the body cannot be read, or null. Nothing is ever decompressed here, so a small answer stays small; a provider
     * that compresses although it was asked for {@code identity} has sent nothing that can be metered or translated.
     */
    static @Nullable ProviderError codingFault(MultiMap headers) {
        for (String coding : headers.getAll("Content-Encoding")) {
            if (!coding.strip().equalsIgnoreCase("identity")) {
                return protocolError("a compressed body, which was not asked for");
            }
        }
        return null;
    }

    static boolean isEventStream(MultiMap headers) {
        String type = headers.get("Content-Type");
        return type != null
                && (type.regionMatches(true, 0, "text/event-stream", 0, 17)
                        || type.regionMatches(
                                true, 0, BedrockConverse.STREAM_TYPE, 0, BedrockConverse.STREAM_TYPE.length()));
    }

    /** A provider that names no type is taken at its word that it answers as its protocol says. */
    static boolean isJson(MultiMap headers) {
        String type = headers.get("Content-Type");
        return type == null || type.toLowerCase(Locale.ROOT).contains("json");
    }

    private static ProviderError protocolError(String what) {
        return ProviderError.of(
                ProviderError.Kind.OUTAGE, "provider_protocol_error", "The provider answered with " + what);
    }

    private static boolean isToken(String name) {
        for (int at = 0; at < name.length(); at++) {
            char c = name.charAt(at);
            boolean token = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || TOKEN_PUNCTUATION.indexOf(c) >= 0;
            if (!token) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** Field content of RFC 9110 section 5.5: visible octets, spaces and tabs. */
    private static boolean isText(String value) {
        for (int at = 0; at < value.length(); at++) {
            char c = value.charAt(at);
            if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }

    private AnswerHead() {}
}
