/** The rim: routes, calls, bodies and frames. Handlers run on bounded platform threads, never on the event loop. */
@NullMarked
package io.latticegate.fhe.app.http;

import org.jspecify.annotations.NullMarked;
