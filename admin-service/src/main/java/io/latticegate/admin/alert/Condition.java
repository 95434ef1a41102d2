package io.latticegate.admin.alert;

import java.util.Map;

/**
 * Something that a rule found to hold.
 *
 * @param scope of what, such as a project or a node; a rule has one alert per scope
 * @param summary one sentence for a person, without personal data
 * @param labels for machines, without personal data
 */
record Condition(String scope, String summary, Map<String, String> labels) {}
