/** The one model of a chat call that every dialect translates to and from; knows no wire format, no Vert.x and no I/O. */
@NullMarked
package io.latticegate.proxy.chat;

import org.jspecify.annotations.NullMarked;
