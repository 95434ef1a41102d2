package io.latticegate.fhe.core.plan;

/**
 * A vector in a circuit under construction: what is known of it before anything is encrypted.
 *
 * @param index its number in the circuit
 * @param bound no slot's magnitude is greater
 * @param error by how much a slot is off at most, if rounding errors are independent: see docs/fhe.md
 */
public record Wire(Planner planner, int index, int level, double scale, double bound, double error) {}
