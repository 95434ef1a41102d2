package io.latticegate.proxy.routing;

/**
 * A target as a strategy sees it.
 *
 * @param index its place in the model's list
 * @param weight its share, 1 and more
 * @param price of a million input and a million output tokens together, in US dollars; infinite: unknown
 */
public record Candidate(int index, int weight, double price, TargetState state) {}
