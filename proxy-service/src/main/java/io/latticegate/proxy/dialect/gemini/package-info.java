/** Google's Gemini API. */
@NullMarked
package io.latticegate.proxy.dialect.gemini;

import org.jspecify.annotations.NullMarked;
