package io.latticegate.proxy.sigv4;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One request as AWS Signature Version 4 sees it ("Create a signed AWS API request", IAM User Guide), and its signature
 * under a key. The path is encoded once more than it is on the wire, as every service but S3 wants it. The body counts with
 * its hash, so it must be sent as it was given here.
 *
 * <p>Signed are the headers given, {@code x-amz-date}, and for temporary credentials {@code x-amz-security-token}, which
 * must sort last; callers therefore keep all other {@code x-amz-} headers out of the request.
 */
public final class SigV4Request {
    /** Stands before the secret in the first step of the derivation of a signing key. */
    static final String SECRET_PREFIX = "AWS4";

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String TERMINATION = "aws4_request";
    private static final String DATE_HEADER = "x-amz-date";
    private static final String TOKEN_HEADER = "x-amz-security-token";
    private static final byte[] TOKEN_LINE = ascii("\r\nX-Amz-Security-Token: ");
    private static final int SIGNATURE_CHARS = 64;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int DATE_CHARS = 8;

    private final Scope scope;
    private final String time;
    private final String method;
    private final String path;
    private final String query;
    private final SortedMap<String, String> headers;
    private final String payloadHash;

    /**
     * Where a signature is good.
     *
     * @param region such as {@code us-east-1}
     * @param service such as {@code bedrock}
     */
    public record Scope(String region, String service) {}

    /**
     * @param uri path and query as on the wire
     * @param signedHeaders names in lower case, values as on the wire; {@code host} among them
     */
    public SigV4Request(
            Scope scope,
            Instant at,
            String method,
            String uri,
            SortedMap<String, String> signedHeaders,
            ByteBuffer body) {
        this.scope = scope;
        this.time = TIME.format(at);
        this.method = method;
        int question = uri.indexOf('?');
        this.path = canonicalPath(question < 0 ? uri : uri.substring(0, question));
        this.query = question < 0 ? "" : canonicalQuery(uri.substring(question + 1));
        this.headers = new TreeMap<>(signedHeaders);
        headers.put(DATE_HEADER, time);
        if (headers.lastKey().compareTo(TOKEN_HEADER) >= 0) {
            throw new IllegalArgumentException("no signed header may sort after " + DATE_HEADER);
        }
        MessageDigest sha256 = HmacSha256.sha256();
        sha256.update(body);
        this.payloadHash = HexFormat.of().formatHex(sha256.digest());
    }

    /** The value that the header {@code X-Amz-Date} must have. */
    public String time() {
        return time;
    }

    /** How many bytes {@link #authorize} writes. */
    public int authorizationBytes(AwsKey key) {
        MemorySegment token = key.sessionToken();
        long tokenBytes = token == null ? 0 : TOKEN_LINE.length + token.byteSize();
        return Math.toIntExact(beforeKeyId().length
                + key.accessKeyId().byteSize()
                + afterKeyId(token != null).length
                + SIGNATURE_CHARS
                + tokenBytes);
    }

    /**
     * Writes the value of the header {@code Authorization}; for temporary credentials, the header line {@code
     * X-Amz-Security-Token} follows it.
     */
    public void authorize(AwsKey key, ByteBuffer into) {
        MemorySegment token = key.sessionToken();
        into.put(beforeKeyId());
        into.put(key.accessKeyId().asByteBuffer());
        into.put(afterKeyId(token != null));
        into.put(ascii(signature(key)));
        if (token != null) {
            into.put(TOKEN_LINE);
            into.put(token.asByteBuffer());
        }
    }

    private String signature(AwsKey key) {
        String credentialScope = credentialScope();
        byte[] daily = HmacSha256.under(MemorySegment.ofArray(ascii(SECRET_PREFIX)), key.secretAccessKey())
                .of(date());
        byte[] regional = derived(daily, scope.region);
        byte[] serving = derived(regional, scope.service);
        byte[] signing = derived(serving, TERMINATION);
        String toSign =
                ALGORITHM + '\n' + time + '\n' + credentialScope + '\n' + canonicalRequestHash(key.sessionToken());
        return HexFormat.of().formatHex(derived(signing, toSign));
    }

    /** The code of {@code text} under a derived key, which is wiped. */
    private static byte[] derived(byte[] key, String text) {
        byte[] code = HmacSha256.under(MemorySegment.ofArray(key)).of(text);
        Arrays.fill(key, (byte) 0);
        return code;
    }

    private String canonicalRequestHash(@Nullable MemorySegment token) {
        MessageDigest sha256 = HmacSha256.sha256();
        var beforeToken = new StringBuilder()
                .append(method)
                .append('\n')
                .append(path)
                .append('\n')
                .append(query)
                .append('\n');
        headers.forEach((name, value) -> beforeToken
                .append(name)
                .append(':')
                .append(value.strip().replaceAll(" +", " "))
                .append('\n'));
        sha256.update(beforeToken.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (token != null) {
            sha256.update(ascii(TOKEN_HEADER + ':'));
            for (long at = 0; at < token.byteSize(); at++) {
                sha256.update(token.get(ValueLayout.JAVA_BYTE, at));
            }
            sha256.update((byte) '\n');
        }
        sha256.update(ascii('\n' + signedNames(token != null) + '\n' + payloadHash));
        return HexFormat.of().formatHex(sha256.digest());
    }

    private byte[] beforeKeyId() {
        return ascii(ALGORITHM + " Credential=");
    }

    private byte[] afterKeyId(boolean withToken) {
        return ascii('/' + credentialScope() + ", SignedHeaders=" + signedNames(withToken) + ", Signature=");
    }

    private String signedNames(boolean withToken) {
        String names = String.join(";", headers.keySet());
        return withToken ? names + ';' + TOKEN_HEADER : names;
    }

    private String credentialScope() {
        return date() + '/' + scope.region + '/' + scope.service + '/' + TERMINATION;
    }

    private String date() {
        return time.substring(0, DATE_CHARS);
    }

    private static String canonicalPath(String path) {
        return path.isEmpty() ? "/" : encoded(path, "/");
    }

    /** Parameters sorted by name and value; the escapes that are there already stay. */
    private static String canonicalQuery(String query) {
        String[] pairs = query.split("&", -1);
        for (int i = 0; i < pairs.length; i++) {
            String pair = pairs[i].indexOf('=') < 0 ? pairs[i] + "=" : pairs[i];
            int equals = pair.indexOf('=');
            pairs[i] = encoded(pair.substring(0, equals), "%") + '=' + encoded(pair.substring(equals + 1), "%");
        }
        Arrays.sort(pairs);
        return String.join("&", pairs);
    }

    private static String encoded(String text, String kept) {
        var out = new StringBuilder(text.length() + 8);
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xff);
            boolean unreserved = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (unreserved || "-_.~".indexOf(c) >= 0 || kept.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(HexFormat.of().withUpperCase().toHexDigits((byte) c));
            }
        }
        return out.toString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
