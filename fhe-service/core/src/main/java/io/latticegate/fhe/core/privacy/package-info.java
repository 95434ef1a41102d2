/** What scores may tell about the rows behind them: the terms, the mathematics of the budget, and the noise. */
@NullMarked
package io.latticegate.fhe.core.privacy;

import org.jspecify.annotations.NullMarked;
