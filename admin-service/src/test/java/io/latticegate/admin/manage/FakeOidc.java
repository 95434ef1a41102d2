package io.latticegate.admin.manage;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * An OpenID Connect provider on a real socket: discovery, keys, and a token endpoint that checks the code, the client's
 * secret, the redirect address and PKCE as RFC 6749 and RFC 7636 say. Tests may bend the ID token that it signs.
 */
final class FakeOidc implements AutoCloseable {
    static final String CLIENT = "gateway";
    static final String SECRET = "s3cret of the/client";

    private final HttpServer server;
    private final InstantSource clock;
    private final Map<String, Asked> codes = new ConcurrentHashMap<>();
    private RSAKey key = newKey();
    private volatile UnaryOperator<JWTClaimsSet.Builder> bend = claims -> claims;
    private volatile Signing signing = Signing.PROPER;
    private volatile int status = 200;

    /** How the ID token is signed. */
    enum Signing {
        PROPER,
        /** By a key that the provider does not publish. */
        FOREIGN_KEY,
        /** With HMAC under the client's secret. */
        SECRET,
        /** Not at all. */
        NONE
    }

    private record Asked(String challenge, String nonce, String redirect) {}

    FakeOidc(InstantSource clock) {
        this.clock = clock;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        server.createContext("/realm/.well-known/openid-configuration", exchange -> answer(exchange, discovery()));
        server.createContext("/realm/keys", exchange -> answer(exchange, new JsonObject(keys())));
        server.createContext("/realm/token", this::token);
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
    }

    /** From now on, ID tokens hold what {@code bend} makes of their claims. */
    void bend(UnaryOperator<JWTClaimsSet.Builder> next) {
        bend = next;
    }

    void sign(Signing next) {
        signing = next;
    }

    /** From now on, everything is answered with this status. */
    void failWith(int next) {
        status = next;
    }

    /** Signs with a new key from now on, and publishes only that. */
    void replaceKey() {
        key = newKey();
    }

    /** What the provider does when a browser comes with {@code address} and its user agrees: the address to go back to. */
    URI approve(String address) {
        Map<String, String> asked = form(URI.create(address).getRawQuery());
        if (!asked.getOrDefault("response_type", "").equals("code")
                || !asked.getOrDefault("client_id", "").equals(CLIENT)
                || !asked.getOrDefault("code_challenge_method", "").equals("S256")
                || !asked.getOrDefault("scope", "").contains("openid")) {
            throw new AssertionError("not a proper authorization request: " + asked.keySet());
        }
        String code = UUID.randomUUID().toString();
        codes.put(
                code,
                new Asked(
                        asked.getOrDefault("code_challenge", ""),
                        asked.getOrDefault("nonce", ""),
                        asked.getOrDefault("redirect_uri", "")));
        return URI.create(asked.getOrDefault("redirect_uri", "") + "?code=" + code + "&state="
                + asked.getOrDefault("state", "") + "&iss=" + URLEncoder.encode(issuer(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private JsonObject discovery() {
        return new JsonObject()
                .put("issuer", issuer())
                .put("authorization_endpoint", issuer() + "/authorize")
                .put("token_endpoint", issuer() + "/token")
                .put("jwks_uri", issuer() + "/keys")
                .put("response_types_supported", new JsonArray().add("code"))
                .put("authorization_response_iss_parameter_supported", true);
    }

    private Map<String, Object> keys() {
        return new JWKSet(key).toPublicJWKSet().toJSONObject();
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form =
                form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII));
        Asked asked = codes.remove(form.getOrDefault("code", ""));
        String pair = "gateway:s3cret+of+the%2Fclient";
        boolean client = ("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII)))
                .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        boolean proper = asked != null
                && client
                && form.getOrDefault("grant_type", "").equals("authorization_code")
                && asked.redirect().equals(form.get("redirect_uri"))
                && asked.challenge().equals(challenge(form.getOrDefault("code_verifier", "")));
        if (asked == null || !proper) {
            status(exchange, 400, new JsonObject().put("error", "invalid_grant"));
            return;
        }
        answer(exchange, new JsonObject().put("token_type", "Bearer").put("id_token", idToken(asked.nonce())));
    }

    private String idToken(String nonce) {
        Instant now = clock.instant();
        JWTClaimsSet claims = bend.apply(new JWTClaimsSet.Builder()
                        .issuer(issuer())
                        .subject("u-1")
                        .audience(CLIENT)
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plusSeconds(300)))
                        .claim("nonce", nonce)
                        .claim("preferred_username", "alice")
                        .claim("realm", Map.of("groups", List.of("everyone", "platform"))))
                .build();
        try {
            if (signing == Signing.NONE) {
                return new PlainJWT(claims).serialize();
            }
            if (signing == Signing.SECRET) {
                SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
                jwt.sign(new MACSigner((SECRET + SECRET).getBytes(StandardCharsets.UTF_8)));
                return jwt.serialize();
            }
            RSAKey signer = signing == Signing.FOREIGN_KEY
                    ? new RSAKey.Builder(newKey()).keyID(key.getKeyID()).build()
                    : key;
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(signer.getKeyID())
                            .build(),
                    claims);
            jwt.sign(new RSASSASigner(signer));
            return jwt.serialize();
        } catch (JOSEException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2_048)
                    .keyID(UUID.randomUUID().toString())
                    .generate();
        } catch (JOSEException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Map<String, String> form(String encoded) {
        Map<String, String> form = new HashMap<>();
        for (String field : encoded.split("&", -1)) {
            int equals = field.indexOf('=');
            form.put(
                    URLDecoder.decode(field.substring(0, equals), StandardCharsets.UTF_8),
                    URLDecoder.decode(field.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return form;
    }

    private void answer(HttpExchange exchange, JsonObject body) throws IOException {
        status(exchange, status, body);
    }

    private static void status(HttpExchange exchange, int status, JsonObject body) throws IOException {
        byte[] bytes = body.encode().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
