package io.latticegate.proxy.egress;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Function;

/** Asks Vert.x's own resolver (hosts file, search domains, the system's name servers) for every address of a name. */
public final class VertxNames implements Function<String, Future<List<InetAddress>>> {
    private final VertxInternal vertx;

    public VertxNames(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
    }

    @Override
    public Future<List<InetAddress>> apply(String name) {
        Context own = vertx.getOrCreateContext();
        Promise<List<InetAddress>> answer = Promise.promise();
        vertx.nameResolver()
                .resolveAll(name)
                .map(found -> found.stream().map(InetSocketAddress::getAddress).toList())
                .onComplete(end -> own.runOnContext(nothing -> answer.handle(end)));
        return answer.future();
    }
}
