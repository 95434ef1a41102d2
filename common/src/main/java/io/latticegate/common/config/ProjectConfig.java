package io.latticegate.common.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the requests of one project may be put to, where that is less than everything.
 *
 * @param providers by name; empty: all
 * @param models as clients name them, with {@code *} at the end for all names that begin so; empty: all
 * @param credentialSources whose keys are used, the first first; empty: those of {@code auth.mode}
 * @param spill whether a source whose keys are all used up or rate limited is followed by the next one
 */
public record ProjectConfig(
        List<String> providers, List<String> models, List<CredentialSource> credentialSources, boolean spill) {
    /** The key of what holds for projects that have no entry of their own. */
    public static final String DEFAULT = "default";

    static final int PROJECTS_MAX = 5_000;
    private static final int NAMES_MAX = 500;

    /** Whose keys a request may be put to a provider with. */
    public enum CredentialSource {
        /** The request's own. */
        CLIENT,
        PROJECT,
        GATEWAY
    }

    public ProjectConfig {
        providers = List.copyOf(providers);
        models = List.copyOf(models);
        credentialSources = List.copyOf(credentialSources);
        IllegalSetting.unless(
                providers.size() <= NAMES_MAX, "providers", "must hold at most " + NAMES_MAX + " names of providers");
        IllegalSetting.unless(
                models.size() <= NAMES_MAX && models.stream().allMatch(model -> model.matches("[^*\\s]{1,200}\\*?")),
                "models",
                "must hold at most " + NAMES_MAX + " names of models, with * only at the end and behind at least one"
                        + " character");
        IllegalSetting.unless(
                Set.copyOf(credentialSources).size() == credentialSources.size()
                        && credentialSources.indexOf(CredentialSource.CLIENT) <= 0,
                "credential_sources",
                "must name each source once, and client first where it names it, for a key that a request brings is"
                        + " never passed over");
        IllegalSetting.unless(
                !spill
                        || credentialSources.isEmpty()
                        || vaultSources(credentialSources).size() > 1,
                "spill",
                "needs project and gateway among credential_sources; there is nothing to spill over to");
    }

    /** Those whose keys are in the vault. */
    static List<CredentialSource> vaultSources(List<CredentialSource> sources) {
        List<CredentialSource> kept = new ArrayList<>(sources);
        kept.remove(CredentialSource.CLIENT);
        return kept;
    }

    /** Whether all sources are among those that {@code mode} knows. */
    boolean fits(AuthConfig.Mode mode) {
        return new HashSet<>(sourcesOf(mode)).containsAll(credentialSources);
    }

    /** The sources of requests of projects that name none. */
    public static List<CredentialSource> sourcesOf(AuthConfig.Mode mode) {
        return switch (mode) {
            case GATEWAY -> List.of(CredentialSource.PROJECT, CredentialSource.GATEWAY);
            case CLIENT -> List.of(CredentialSource.CLIENT);
            case HYBRID -> List.of(CredentialSource.CLIENT, CredentialSource.PROJECT, CredentialSource.GATEWAY);
        };
    }

    static ProjectConfig from(String id, ConfigNode node) {
        IllegalSetting.unless(
                id.matches("[A-Za-z0-9][A-Za-z0-9-]{0,63}|<project>"),
                "providers",
                "is under a name that is no project's id; write the id that /manage/projects shows, or default");
        return new ProjectConfig(
                node.list(
                        "providers",
                        SettingType.TEXT,
                        List.of(),
                        "Providers that requests of the project with this id may go to, also when another fails; all by"
                                + " default. Under the name default: for projects without an entry"),
                node.list(
                        "models",
                        SettingType.TEXT,
                        List.of(),
                        "Models that it may name, with * at the end for all that begin so; all by default"),
                node.list(
                        "credential_sources",
                        SettingType.choice(CredentialSource.class),
                        List.of(),
                        "Whose keys are used, the first first: client, project, gateway; by default those of auth.mode"),
                node.get(
                        "spill",
                        SettingType.FLAG,
                        false,
                        "Whether the next source's keys are used while all keys of one are used up or rate limited"));
    }
}
