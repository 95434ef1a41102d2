/** The OpenAI Chat Completions and legacy Completions protocols. */
@NullMarked
package io.latticegate.proxy.dialect.openai;

import org.jspecify.annotations.NullMarked;
