/** Stand-ins and processes that every suite shares: a truthful provider, real stores, a fake clock, real clients. */
@NullMarked
package io.latticegate.testing;

import org.jspecify.annotations.NullMarked;
