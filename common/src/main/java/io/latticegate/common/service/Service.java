package io.latticegate.common.service;

import io.latticegate.common.value.ServiceRole;
import io.vertx.core.Future;

/** One of the five services: a set of verticles that starts, drains and stops. */
public interface Service {
    ServiceRole role();

    /** Opens stores, serves endpoints, binds ports. A failure stops the process. */
    Future<Void> start(ServiceContext context);

    /** Takes no new work and lets what is in progress finish; completes when nothing is left. Bounded by the caller. */
    Future<Void> drain();

    /** Breaks off what is left and closes stores. */
    Future<Void> stop();
}
