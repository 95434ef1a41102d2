package io.latticegate.standalone;

import io.latticegate.common.bus.MeshBus;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.value.AccessToken;
import io.latticegate.common.value.Allowance;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The project {@code demo} and its token, with which the first request is made. */
final class DemoToken {
    private static final String TOKEN = "demo-token";
    private static final String TOKEN_ID = "demo-token.id";
    private static final long LIFE_MINUTES = 30 * 24 * 60;

    /** The token of an earlier start if it still works, else a new one; it lies in the data folder (0600). */
    static String ready(DataFolder data, MeshBus bus, SecureRandom random) throws IOException {
        Optional<String> token = data.read(TOKEN);
        Optional<String> id = data.read(TOKEN_ID);
        if (token.isPresent() && id.isPresent() && works(bus, id.get())) {
            return token.get();
        }
        return create(data, bus, random);
    }

    private static boolean works(MeshBus bus, String id) {
        return await(bus.ask(AuthApi.GET_TOKEN, new AuthApi.GetToken(id))) instanceof AuthApi.TokenReply.Found found
                && found.token().active()
                && found.token().expiresAt() > System.currentTimeMillis() + TimeUnit.HOURS.toMillis(1);
    }

    private static String create(DataFolder data, MeshBus bus, SecureRandom random) throws IOException {
        AuthApi.ProjectReply project = await(bus.ask(AuthApi.CREATE_PROJECT, new AuthApi.CreateProject("demo")));
        if (!(project instanceof AuthApi.ProjectReply.Found(AuthApi.Project demo))) {
            throw new IllegalStateException("the demo project was not created");
        }
        try (AccessToken token = AccessToken.create(random)) {
            AuthApi.TokenReply reply = await(bus.ask(
                    AuthApi.CREATE_TOKEN,
                    new AuthApi.CreateToken(
                            demo.id(), token.digest(), token.obfuscated(), LIFE_MINUTES, Allowance.WITHOUT_LIMIT)));
            if (!(reply instanceof AuthApi.TokenReply.Found(AuthApi.Token created))) {
                throw new IllegalStateException("the demo token was not created");
            }
            data.write(TOKEN_ID, created.id().getBytes(StandardCharsets.UTF_8));
            return token.expose(text -> {
                try {
                    data.write(TOKEN, text);
                } catch (IOException unwritable) {
                    throw new UncheckedIOException(unwritable);
                }
                return new String(text, StandardCharsets.US_ASCII);
            });
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private DemoToken() {}
}
