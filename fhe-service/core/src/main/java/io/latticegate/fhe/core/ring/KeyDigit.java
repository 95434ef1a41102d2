package io.latticegate.fhe.core.ring;

import io.latticegate.fhe.core.ring.Domain.Eval;

/** One digit of a key-switching key (b, a) over all primes of the ring: b + a·s is P·g·s' and noise, g as in docs/fhe.md. */
public record KeyDigit(Poly<Eval> body, Poly<Eval> mask) {}
