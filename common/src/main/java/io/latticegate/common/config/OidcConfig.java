package io.latticegate.common.config;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The OpenID Connect provider whose users may sign in to the web interface.
 *
 * @param issuer exactly as the provider writes it into its tokens; null: there is none
 * @param clientId what the provider calls this gateway
 * @param clientSecret for the token endpoint; without one the gateway is a public client (PKCE alone)
 * @param scopes asked for; {@code openid} is among them
 * @param roleClaim claim of the ID token with the user's groups or roles; dots go down into objects
 * @param roles which values of that claim give which role
 */
public record OidcConfig(
        @Nullable URI issuer,
        String clientId,
        ConfiguredSecret clientSecret,
        List<String> scopes,
        String roleClaim,
        Roles roles) {
    private static final int SCOPES_MAX = 20;
    private static final int VALUES_MAX = 200;

    /**
     * Values of the claim; where a user has several, the highest role counts.
     *
     * @param viewer that give the role viewer
     * @param operator that give the role operator
     * @param admin that give the role admin
     */
    public record Roles(List<String> viewer, List<String> operator, List<String> admin) {
        public Roles {
            IllegalSetting.unless(
                    viewer.size() + operator.size() + admin.size() <= VALUES_MAX,
                    "viewer",
                    "and its siblings name more than " + VALUES_MAX + " values");
        }

        static Roles from(ConfigNode node) {
            return new Roles(
                    node.list("viewer", SettingType.TEXT, List.of(), "Values that give the role viewer"),
                    node.list("operator", SettingType.TEXT, List.of(), "Values that give the role operator"),
                    node.list("admin", SettingType.TEXT, List.of(), "Values that give the role admin"));
        }

        boolean isEmpty() {
            return viewer.isEmpty() && operator.isEmpty() && admin.isEmpty();
        }

        /** Every value that gives a role. */
        public Stream<String> values() {
            return Stream.of(viewer, operator, admin).flatMap(List::stream);
        }
    }

    public OidcConfig {
        IllegalSetting.unless(
                issuer == null || (WebAddress.isSafe(issuer) && issuer.getRawQuery() == null),
                "issuer",
                "must be https://host[:port][/path], or http on this machine");
        IllegalSetting.unless(
                issuer == null || clientId.matches("[\\x21-\\x7e]{1,256}"),
                "client_id",
                "must be 1 to 256 characters of visible ASCII without spaces");
        IllegalSetting.unless(
                scopes.size() <= SCOPES_MAX
                        && scopes.contains("openid")
                        && scopes.stream().allMatch(scope -> scope.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,100}")),
                "scopes",
                "must hold openid and at most " + (SCOPES_MAX - 1) + " others");
        IllegalSetting.unless(roleClaim.matches("[^\\p{Cntrl}]{1,200}"), "role_claim", "must be the name of a claim");
        IllegalSetting.unless(
                issuer == null || !roles.isEmpty(),
                "roles",
                "maps no value to a role, so nobody could sign in; give viewer, operator or admin");
    }

    /** Whether there is a provider. */
    public boolean enabled() {
        return issuer != null;
    }

    static OidcConfig from(ConfigNode node) {
        return new OidcConfig(
                node.find(
                        "issuer",
                        SettingType.ADDRESS,
                        "Issuer of the OpenID Connect provider whose users may sign in; needs admin_ui.origin"),
                node.get("client_id", SettingType.TEXT, "", "What the provider calls this gateway"),
                node.secret("client_secret", "Secret for the token endpoint; without it PKCE stands alone"),
                node.list(
                        "scopes", SettingType.TEXT, List.of("openid", "profile", "email"), "Scopes that are asked for"),
                node.get(
                        "role_claim",
                        SettingType.TEXT,
                        "roles",
                        "Claim of the ID token with a user's roles, a text or a list; dots go down into objects"),
                node.section("roles", Roles::from));
    }
}
