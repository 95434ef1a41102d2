package io.latticegate.fhe.core.backend;

/** The residues of one polynomial modulo one prime: {@code length} canonical residues from {@code at} on. */
record Limb(long[] words, int at, int length) {}
