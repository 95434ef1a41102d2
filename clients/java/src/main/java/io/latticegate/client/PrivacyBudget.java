package io.latticegate.client;

/**
 * What a project may still ask of an index whose scores carry noise.
 *
 * @param index owner~name
 * @param epsilonBudget all that may be spent
 * @param epsilonSpent what is spent
 * @param delta the probability with which the promise of ε may fail
 * @param queries searches so far
 * @param remainingQueries searches that are left
 */
public record PrivacyBudget(
        String index, double epsilonBudget, double epsilonSpent, double delta, long queries, long remainingQueries) {}
