@NullMarked
package io.latticegate.fhe.app.privacy;

import org.jspecify.annotations.NullMarked;
