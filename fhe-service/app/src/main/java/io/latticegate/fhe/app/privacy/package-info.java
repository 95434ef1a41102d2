/** Who has learnt how much from scores with noise: the ledger of privacy budgets, and what the mesh may ask about it. */
@NullMarked
package io.latticegate.fhe.app.privacy;

import org.jspecify.annotations.NullMarked;
