package io.latticegate.admin.session;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.latticegate.admin.session.OidcEndpoints.Metadata;
import io.latticegate.admin.session.OidcEndpoints.Unavailable;
import io.latticegate.common.config.OidcConfig;
import io.latticegate.common.crypto.Sha256;
import io.vertx.core.json.JsonObject;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signs people in through an OpenID Connect provider: authorization code flow (OpenID Connect Core 1.0, section 3.1) with
 * PKCE S256 (RFC 7636), {@code state}, {@code nonce}, and {@code iss} in the response where the provider sends it (RFC 9207).
 * All four come from the key in a cookie of the browser that began, so any admin node can finish and nothing is stored; a
 * response without that cookie is refused. The ID token is checked against the provider's keys; only asymmetric signatures
 * count. Blocks, so it belongs on virtual threads.
 */
public final class OidcProvider implements AutoCloseable {
    private static final Duration METADATA_LIFE = Duration.ofMinutes(10);
    private static final int CODE_LENGTH_MAX = 4_096;
    private static final int NAME_LENGTH_MAX = 120;
    private static final long KEYS_AGAIN_MILLIS = 30_000;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final OidcConfig config;
    private final String issuer;
    private final String redirectUri;
    private final InstantSource clock;
    private final OidcEndpoints endpoints;
    private final ReentrantLock refreshing = new ReentrantLock();
    private volatile @Nullable Known known;

    /** What was last learnt of the provider. */
    private record Known(Metadata metadata, JWKSource<SecurityContext> keys, Instant until) {}

    /** How a sign-in ended. */
    public sealed interface Outcome {
        /**
         * The provider vouches for someone who has a role.
         *
         * @param name with the provider's own id of the user in it, so that no two users share it
         * @param role the lower-case word
         */
        record SignedIn(String name, String role) implements Outcome {}

        /** The provider vouches for someone to whom no role is mapped. */
        record NoRole(String name) implements Outcome {}

        /** Not signed in; {@code reason} is for the audit. */
        record Denied(String reason) implements Outcome {}

        /** The provider does not answer; {@code reason} is for the log. */
        record Unreachable(String reason) implements Outcome {}
    }

    /**
     * @param config of a provider that is there
     * @param origin under which browsers reach this gateway
     */
    public OidcProvider(OidcConfig config, URI origin, InstantSource clock) {
        URI configured = config.issuer();
        if (configured == null) {
            throw new IllegalArgumentException("management.oidc.issuer is not set");
        }
        this.config = config;
        this.issuer = configured.toString();
        this.redirectUri = origin + "/admin/oidc/callback";
        this.clock = clock;
        this.endpoints = new OidcEndpoints(configured);
    }

    /** Tells one setting of a provider from another, for {@link Sessions}. */
    public static byte[] binding(OidcConfig config) {
        return Sha256.of(String.join(
                        "\n",
                        String.valueOf(config.issuer()),
                        config.clientId(),
                        config.roleClaim(),
                        config.roles().toString())
                .getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Where to send a browser that keeps {@code attempt} in a cookie; empty text: the provider does not answer.
     */
    public String authorizationAddress(SessionKey attempt) {
        Metadata metadata;
        try {
            metadata = known().metadata();
        } catch (Unavailable gone) {
            return "";
        }
        Map<String, String> question = new LinkedHashMap<>();
        question.put("response_type", "code");
        question.put("client_id", config.clientId());
        question.put("redirect_uri", redirectUri);
        question.put("scope", String.join(" ", config.scopes()));
        question.put("state", attempt.derivedText("oidc state"));
        question.put("nonce", attempt.derivedText("oidc nonce"));
        question.put("code_challenge", challenge(attempt));
        question.put("code_challenge_method", "S256");
        String target = metadata.authorization().toString();
        return target + (target.indexOf('?') < 0 ? "?" : "&") + OidcEndpoints.encoded(question);
    }

    /**
     * Ends what {@link #authorizationAddress} began.
     *
     * @param attempt of the browser's cookie
     * @param response the parameters with which the provider sent the browser back
     */
    public Outcome finish(SessionKey attempt, Map<String, String> response) {
        if (!same(attempt.derivedText("oidc state"), response.getOrDefault("state", ""))) {
            return new Outcome.Denied("the response belongs to no sign-in of this browser");
        }
        try {
            Known provider = known();
            String named = response.get("iss");
            if (named == null ? provider.metadata().namesIssuer() : !named.equals(issuer)) {
                return new Outcome.Denied("the response is not from the configured provider");
            }
            if (response.containsKey("error")) {
                return new Outcome.Denied("the provider refused: " + plain(response.getOrDefault("error", ""), 60));
            }
            String code = response.getOrDefault("code", "");
            if (code.isEmpty() || code.length() > CODE_LENGTH_MAX) {
                return new Outcome.Denied("the response has no code");
            }
            String idToken = exchange(provider.metadata(), attempt, code);
            if (idToken.isEmpty()) {
                return new Outcome.Denied("the provider did not take the code");
            }
            return judge(claims(provider, attempt, idToken));
        } catch (Unavailable | KeySourceException gone) {
            return new Outcome.Unreachable(String.valueOf(gone.getMessage()));
        } catch (BadJOSEException | JOSEException | ParseException refused) {
            return new Outcome.Denied(
                    "the provider's ID token is not valid: " + plain(String.valueOf(refused.getMessage()), 120));
        }
    }

    @Override
    public void close() {
        endpoints.close();
    }

    private Known known() {
        Known now = known;
        if (now != null && clock.instant().isBefore(now.until())) {
            return now;
        }
        refreshing.lock();
        try {
            now = known;
            if (now != null && clock.instant().isBefore(now.until())) {
                return now;
            }
            Metadata metadata = endpoints.discover();
            JWKSource<SecurityContext> keys =
                    now != null && now.metadata().keys().equals(metadata.keys()) ? now.keys() : keys(metadata.keys());
            now = new Known(metadata, keys, clock.instant().plus(METADATA_LIFE));
            known = now;
            return now;
        } finally {
            refreshing.unlock();
        }
    }

    /** Keys are kept for minutes and asked for again, at most every 30 s, when a token names one that is not among them. */
    private JWKSource<SecurityContext> keys(URI address) {
        try {
            return JWKSourceBuilder.create(address.toURL(), endpoints::retrieve)
                    .refreshAheadCache(false)
                    .rateLimited(KEYS_AGAIN_MILLIS)
                    .build();
        } catch (MalformedURLException impossible) {
            throw new Unavailable("the provider's jwks_uri is no address", impossible);
        }
    }

    private String exchange(Metadata metadata, SessionKey attempt, String code) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirectUri);
        form.put("code_verifier", verifier(attempt));
        String authorization = config.clientSecret()
                .find()
                .map(secret -> secret.expose(bytes -> basic(config.clientId(), bytes)))
                .orElse("");
        if (authorization.isEmpty()) {
            form.put("client_id", config.clientId());
        }
        JsonObject answer = endpoints.post(metadata.token(), form, authorization);
        return OidcEndpoints.string(answer, "id_token");
    }

    /** RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. */
    private static String basic(String clientId, byte[] secret) {
        String pair = OidcEndpoints.encoded(clientId) + ":"
                + OidcEndpoints.encoded(new String(secret, StandardCharsets.UTF_8));
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
    }

    private JWTClaimsSet claims(Known provider, SessionKey attempt, String idToken)
            throws ParseException, BadJOSEException, JOSEException {
        var processor = new DefaultJWTProcessor<SecurityContext>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, provider.keys()));
        processor.setJWTClaimsSetVerifier(new AtOurTime(
                config.clientId(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .claim("nonce", attempt.derivedText("oidc nonce"))
                        .build(),
                clock));
        JWTClaimsSet claims = processor.process(idToken, null);
        Object party = claims.getClaim("azp");
        if (party == null ? claims.getAudience().size() > 1 : !party.equals(config.clientId())) {
            throw new BadJOSEException("it was issued to another client");
        }
        return claims;
    }

    /** Expiry is judged by the gateway's clock. */
    private static final class AtOurTime extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final InstantSource clock;

        AtOurTime(String audience, JWTClaimsSet exact, InstantSource clock) {
            super(audience, exact, Set.of("sub", "iat", "exp"));
            this.clock = clock;
        }

        @Override
        protected Date currentTime() {
            return Date.from(clock.instant());
        }
    }

    private Outcome judge(JWTClaimsSet claims) {
        String subject = plain(String.valueOf(claims.getSubject()), NAME_LENGTH_MAX);
        String called = text(claims, "preferred_username", text(claims, "email", subject));
        String name = called.equals(subject) ? subject : called + " (" + subject + ")";
        Set<String> values = values(claims.getClaims());
        OidcConfig.Roles roles = config.roles();
        for (var role : List.of(
                Map.entry("admin", roles.admin()),
                Map.entry("operator", roles.operator()),
                Map.entry("viewer", roles.viewer()))) {
            if (role.getValue().stream().anyMatch(values::contains)) {
                return new Outcome.SignedIn(name, role.getKey());
            }
        }
        return new Outcome.NoRole(name);
    }

    /** A claim's own name may hold dots, so that is tried before the dots are followed. */
    private Set<String> values(Map<String, Object> claims) {
        Object value = claims.get(config.roleClaim());
        if (value == null) {
            value = claims;
            for (String step : config.roleClaim().split("\\.", -1)) {
                value = value instanceof Map<?, ?> object ? object.get(step) : null;
            }
        }
        return switch (value) {
            case String one -> Set.of(one);
            case List<?> several ->
                several.stream()
                        .filter(String.class::isInstance)
                        .map(String.class::cast)
                        .collect(Collectors.toSet());
            case null, default -> Set.of();
        };
    }

    private static String text(JWTClaimsSet claims, String name, String otherwise) {
        return claims.getClaim(name) instanceof String text && !text.isBlank()
                ? plain(text, NAME_LENGTH_MAX)
                : otherwise;
    }

    /** Text from outside, bounded and without control or formatting characters. */
    private static String plain(String text, int lengthMax) {
        String clean = text.codePoints()
                .map(point ->
                        Character.isISOControl(point) || Character.getType(point) == Character.FORMAT ? '?' : point)
                .limit(lengthMax)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return clean.strip();
    }

    private static String verifier(SessionKey attempt) {
        return attempt.derivedText("oidc verifier");
    }

    private static String challenge(SessionKey attempt) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.of(verifier(attempt).getBytes(StandardCharsets.US_ASCII)));
    }

    private static boolean same(String expected, String presented) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), presented.getBytes(StandardCharsets.UTF_8));
    }
}
