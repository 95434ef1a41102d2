/** The management API: projects, tokens and the audit under {@code /manage}, in the wire format of llm-proxy. */
@NullMarked
package io.latticegate.admin.manage;

import org.jspecify.annotations.NullMarked;
