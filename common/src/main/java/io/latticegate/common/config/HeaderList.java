package io.latticegate.common.config;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Headers for a collector, written as {@code name=value} separated by commas; at most 16. */
final class HeaderList {
    private static final int HEADERS_MAX = 16;

    private HeaderList() {}

    /** What {@code headers} says, by name; nothing where it is not set. */
    static Map<String, String> of(ConfiguredSecret headers) {
        return headers.find().map(secret -> secret.expose(HeaderList::parse)).orElse(Map.of());
    }

    /** @throws IllegalSetting of {@code headers} when it is set and malformed */
    static void check(ConfiguredSecret headers) {
        IllegalSetting.unless(of(headers).size() <= HEADERS_MAX, "headers", "holds more than " + HEADERS_MAX);
    }

    private static Map<String, String> parse(byte[] text) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String one : new String(text, StandardCharsets.UTF_8).strip().split(",", -1)) {
            int equals = one.indexOf('=');
            String name = equals < 0 ? "" : one.substring(0, equals).strip();
            String value = one.substring(equals + 1).strip();
            IllegalSetting.unless(
                    name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}") && value.matches("[ -~]{1,2048}"),
                    "headers",
                    "must read name=value, separated by commas");
            headers.put(name, value);
        }
        return headers;
    }
}
