package io.latticegate.common.config;

/**
 * One reason why a configuration is refused.
 *
 * @param path dotted path of the setting, or the name of the file or variable
 * @param where file and line, or another source
 * @param message what is wrong and what is allowed; never holds a secret's text
 */
public record ConfigProblem(String path, String where, String message) {
    @Override
    public String toString() {
        return where.isEmpty() ? path + ": " + message : path + " (" + where + "): " + message;
    }
}
