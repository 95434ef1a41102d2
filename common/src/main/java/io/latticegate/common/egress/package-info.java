/** Where requests that leave the gateway may go: kinds of addresses, spellings of hosts, and what is allowed of them. */
@NullMarked
package io.latticegate.common.egress;

import org.jspecify.annotations.NullMarked;
