package io.latticegate.fhe.core.client;

import io.latticegate.fhe.core.preset.CkksParameters;
import io.latticegate.fhe.core.ring.Domain.Eval;
import io.latticegate.fhe.core.ring.Poly;
import javax.security.auth.Destroyable;

/** s, by its values modulo all primes. It never leaves its client; destroying it overwrites it. */
public final class SecretKey implements Destroyable {
    private final CkksParameters parameters;
    private final Poly<Eval> poly;
    private boolean destroyed;

    /** Takes over a polynomial over all primes of the parameters. */
    public SecretKey(CkksParameters parameters, Poly<Eval> poly) {
        if (poly.base() != parameters.ring().extended(parameters.topLevel())) {
            throw new IllegalArgumentException("a secret key is over all primes of " + parameters);
        }
        this.parameters = parameters;
        this.poly = poly;
    }

    public CkksParameters parameters() {
        return parameters;
    }

    /** s itself; closing it is for {@link #destroy}. @throws IllegalStateException if it is destroyed */
    public synchronized Poly<Eval> poly() {
        if (destroyed) {
            throw new IllegalStateException("the secret key is destroyed");
        }
        return poly;
    }

    @Override
    public synchronized void destroy() {
        destroyed = true;
        poly.close();
    }

    @Override
    public synchronized boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "SecretKey(" + parameters + ", ****)";
    }
}
