package io.latticegate.proxy.guard;

import io.latticegate.common.config.GuardAction;

/**
 * What one policy does about one kind of text.
 *
 * @param policy its name
 * @param recogniser the name of what recognises the text
 * @param label what stands in the text's place where it is redacted
 */
public record Rule(String policy, String recogniser, String label, GuardAction action) {}
