/** AWS Signature Version 4: how a request proves that its sender has an AWS secret key. Knows no Vert.x and no I/O. */
@NullMarked
package io.latticegate.proxy.sigv4;

import org.jspecify.annotations.NullMarked;
