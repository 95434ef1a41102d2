package io.latticegate.common.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Set;

/**
 * The sidecar beside an application: the encrypted client behind OpenAI's API, on this machine only.
 *
 * @param port on 127.0.0.1; 0: any free port
 * @param gatewayUrl proxy-service's data port, for what the sidecar forwards
 * @param fheUrl fhe-service's data port
 * @param allowHttp whether the token may go to other machines over plain HTTP
 * @param token the project's token
 * @param key what applications present to the sidecar; where none is set, one is made at each start
 * @param dir where the seed, texts and vectors lie
 * @param maxFile longest file that is uploaded, in bytes
 */
public record SidecarConfig(
        int port,
        URI gatewayUrl,
        URI fheUrl,
        boolean allowHttp,
        ConfiguredSecret token,
        ConfiguredSecret key,
        Path dir,
        long maxFile) {
    private static final Range<Integer> PORT = Range.of(0, 65_535);
    private static final Range<Long> MAX_FILE = new Range<>(1L, 64L << 20, SettingType.SIZE);
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    public SidecarConfig {
        PORT.check("port", port);
        MAX_FILE.check("max_file", maxFile);
        check("gateway_url", gatewayUrl, allowHttp);
        check("fhe_url", fheUrl, allowHttp);
    }

    private static void check(String key, URI url, boolean allowHttp) {
        String path = url.getRawPath();
        IllegalSetting.unless(
                url.getHost() != null
                        && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                        && url.getRawUserInfo() == null
                        && url.getRawQuery() == null
                        && url.getRawFragment() == null
                        && (path == null || path.isEmpty() || path.equals("/")),
                key,
                "must read http(s)://host[:port]");
        IllegalSetting.unless(
                "https".equals(url.getScheme()) || allowHttp || LOOPBACK.contains(url.getHost()),
                key,
                "would carry the token to another machine over plain HTTP; use https, or set allow_http");
    }

    static SidecarConfig from(ConfigNode node, Path storage) {
        return new SidecarConfig(
                node.get("port", SettingType.INTEGER, 8095, PORT, "Port on 127.0.0.1; 0: any free port"),
                node.get(
                        "gateway_url",
                        SettingType.ADDRESS,
                        URI.create("http://127.0.0.1:8080"),
                        "proxy-service, to which the sidecar forwards chat completions"),
                node.get(
                        "fhe_url",
                        SettingType.ADDRESS,
                        URI.create("http://127.0.0.1:8090"),
                        "fhe-service, which computes on ciphertexts"),
                node.get(
                        "allow_http",
                        SettingType.FLAG,
                        false,
                        "Whether the token may go to other machines over plain HTTP"),
                node.secret("token", "The project's token"),
                node.secret("key", "What applications present to the sidecar; unset: one is made at each start"),
                node.get(
                        "dir",
                        SettingType.FILE,
                        storage.resolve("sidecar"),
                        "Folder of the seed, texts and vectors; they never leave it unencrypted, but for an index's vectors"),
                node.get("max_file", SettingType.SIZE, 16L << 20, MAX_FILE, "Longest file that is uploaded"));
    }
}
