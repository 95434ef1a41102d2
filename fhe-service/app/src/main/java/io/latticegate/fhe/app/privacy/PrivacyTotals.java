package io.latticegate.fhe.app.privacy;

/**
 * How far the privacy budgets of all projects are spent.
 *
 * @param budgets accounts that were opened
 * @param exhausted those in which no further search fits
 * @param spentShareMax the largest share of a budget that is spent, 0 to 1
 */
record PrivacyTotals(long budgets, long exhausted, double spentShareMax) {
    static final PrivacyTotals NONE = new PrivacyTotals(0, 0, 0);
}
