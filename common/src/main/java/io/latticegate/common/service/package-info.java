/** What every service has in common: start, health, management port, audit delivery, orderly stop. */
@NullMarked
package io.latticegate.common.service;

import org.jspecify.annotations.NullMarked;
