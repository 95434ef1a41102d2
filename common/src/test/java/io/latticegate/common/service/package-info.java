@NullMarked
package io.latticegate.common.service;

import org.jspecify.annotations.NullMarked;
