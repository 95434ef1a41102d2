package io.latticegate.fhe.app.ops;

/**
 * One operation on earlier values.
 *
 * @param a number of the first operand
 * @param b number of the second; that of the first where there is only one
 * @param argument the level of {@link Operation#MOD_SWITCH}, the steps of {@link Operation#ROTATE}, else 0
 */
record Step(Operation operation, int a, int b, int argument) {}
