package io.latticegate.testing;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks a signature as AWS does: of every byte of the body, the signed headers, the path, and the hour. */
final class SigV4Check {
    private static final Pattern AUTHORIZATION = Pattern.compile("AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/"
            + "([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Duration CLOCK_SKEW_MAX = Duration.ofMinutes(5);

    /** Whether the request is signed for Bedrock with one of {@code keys}, each {@code ID:SECRET} or {@code ID:SECRET:TOKEN}. */
    static boolean good(HttpServerRequest request, Buffer body, Set<String> keys) {
        MultiMap headers = request.headers();
        String authorization = headers.get("Authorization");
        Matcher parts = AUTHORIZATION.matcher(authorization == null ? "" : authorization);
        if (!parts.matches() || !parts.group(4).equals("bedrock")) {
            return false;
        }
        String time = headers.get("x-amz-date");
        List<String> signed = Arrays.asList(parts.group(5).split(";", -1));
        boolean coversEnough = signed.contains("host")
                && headers.names().stream()
                        .map(name -> name.toLowerCase(java.util.Locale.ROOT))
                        .filter(name -> name.startsWith("x-amz-") || name.equals("content-type"))
                        .allMatch(signed::contains);
        if (time == null || !time.startsWith(parts.group(2)) || !coversEnough || !isNow(time)) {
            return false;
        }
        for (String key : keys) {
            String[] each = key.split(":", 3);
            boolean token = each.length < 3 || each[2].equals(headers.get("x-amz-security-token"));
            if (each.length >= 2 && each[0].equals(parts.group(1)) && token) {
                return signature(request, body, parts, signed, each[1]).equals(parts.group(6));
            }
        }
        return false;
    }

    private static boolean isNow(String time) {
        Duration off = Duration.between(TIME.parse(time, Instant::from), Instant.now());
        return off.abs().compareTo(CLOCK_SKEW_MAX) < 0;
    }

    private static String signature(
            HttpServerRequest request, Buffer body, Matcher parts, List<String> signed, String secret) {
        StringBuilder canonical = new StringBuilder(request.method().name()).append('\n');
        canonical.append(encoded(String.valueOf(request.path()))).append('\n');
        canonical.append(request.query() == null ? "" : request.query()).append('\n');
        for (String name : signed) {
            canonical
                    .append(name)
                    .append(':')
                    .append(String.join(",", request.headers().getAll(name)).trim())
                    .append('\n');
        }
        canonical.append('\n').append(String.join(";", signed)).append('\n').append(sha256(body.getBytes()));
        String scope = parts.group(2) + "/" + parts.group(3) + "/" + parts.group(4) + "/aws4_request";
        String toSign = "AWS4-HMAC-SHA256\n" + request.headers().get("x-amz-date") + "\n" + scope + "\n"
                + sha256(canonical.toString().getBytes(StandardCharsets.UTF_8));
        byte[] code = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
        for (String step : scope.split("/", -1)) {
            code = hmac(code, step);
        }
        return HexFormat.of().formatHex(hmac(code, toSign));
    }

    private static String encoded(String path) {
        StringBuilder out = new StringBuilder();
        for (byte octet : path.getBytes(StandardCharsets.UTF_8)) {
            String one = new String(new byte[] {octet}, StandardCharsets.ISO_8859_1);
            out.append(one.matches("[A-Za-z0-9_.~/-]") ? one : String.format("%%%02X", octet & 0xff));
        }
        return out.toString();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException("every Java platform has SHA-256", fault);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException("every Java platform has HmacSHA256", fault);
        }
    }

    private SigV4Check() {}
}
