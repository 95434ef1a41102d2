/** Key epochs of clients, and their evaluation keys in mapped files. */
@NullMarked
package io.latticegate.fhe.app.session;

import org.jspecify.annotations.NullMarked;
