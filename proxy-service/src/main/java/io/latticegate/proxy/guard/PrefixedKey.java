package io.latticegate.proxy.guard;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * API keys that begin with a prefix of their issuer and go on in a known alphabet, as the issuers' documentation shows them.
 * A key longer than {@link Recogniser#LENGTH_MAX} is matched to its end.
 */
final class PrefixedKey implements Recogniser {
    private final String name;
    private final String label;
    private final List<String> prefixes;
    private final int restMin;
    private final int restMax;
    private final Predicate<Character> alphabet;
    private final boolean needsDigit;

    private PrefixedKey(
            String name,
            List<String> prefixes,
            int restMin,
            int restMax,
            Predicate<Character> alphabet,
            boolean needsDigit) {
        this.name = name;
        this.label = "[" + name.toUpperCase(Locale.ROOT) + "]";
        this.prefixes = prefixes;
        this.restMin = restMin;
        this.restMax = restMax;
        this.alphabet = alphabet;
        this.needsDigit = needsDigit;
    }

    /** Identifiers of AWS access keys: a prefix for their kind and 16 characters of base32. */
    static PrefixedKey aws() {
        return new PrefixedKey(
                "aws_key",
                List.of("AKIA", "ASIA", "ABIA", "ACCA"),
                16,
                16,
                c -> c >= 'A' && c <= 'Z' || c >= '2' && c <= '7',
                false);
    }

    /** GitHub's tokens: personal, OAuth, user-to-server, server-to-server, refresh, and fine-grained personal ones. */
    static PrefixedKey github() {
        return new PrefixedKey(
                "github_token",
                List.of("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
                36,
                Integer.MAX_VALUE,
                c -> Chars.isAlphanumeric(c) || c == '_',
                false);
    }

    /** Keys of OpenAI, of those who took over its form, and of Anthropic. */
    static PrefixedKey openai() {
        return new PrefixedKey("openai_key", List.of("sk-"), 20, Integer.MAX_VALUE, Chars::isTokenChar, true);
    }

    /** Google's API keys. */
    static PrefixedKey google() {
        return new PrefixedKey("google_key", List.of("AIza"), 35, 35, Chars::isTokenChar, false);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean mayBegin(char c) {
        for (String prefix : prefixes) {
            if (prefix.charAt(0) == c) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int end(CharSequence text, int start) {
        if (Chars.isTokenChar(Chars.before(text, start))) {
            return -1;
        }
        for (String prefix : prefixes) {
            if (Chars.hasAt(text, start, prefix)) {
                return afterRest(text, start, start + prefix.length());
            }
        }
        return -1;
    }

    private int afterRest(CharSequence text, int start, int rest) {
        boolean digit = false;
        int at = rest;
        while (at - start < LENGTH_MAX && at < text.length() && alphabet.test(text.charAt(at))) {
            digit |= Chars.isDigit(text.charAt(at));
            at++;
        }
        int length = at - rest;
        boolean ends = restMax == Integer.MAX_VALUE || length == restMax && !Chars.isTokenChar(Chars.at(text, at));
        return length >= restMin && ends && (digit || !needsDigit) ? at : -1;
    }

    @Override
    public @Nullable Tail tail() {
        return restMax == Integer.MAX_VALUE ? alphabet::test : null;
    }
}
