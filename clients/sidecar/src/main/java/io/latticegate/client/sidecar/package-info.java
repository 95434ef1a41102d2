/**
 * The encrypted client behind OpenAI's API, for applications on the same machine: it embeds, encrypts and decrypts here, and
 * forwards chat completions to the gateway (docs/encrypted-search.md).
 */
@NullMarked
package io.latticegate.client.sidecar;

import org.jspecify.annotations.NullMarked;
