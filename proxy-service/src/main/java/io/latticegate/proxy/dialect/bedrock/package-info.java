/** Amazon Bedrock's Converse API and the binary event stream that it answers with. */
@NullMarked
package io.latticegate.proxy.dialect.bedrock;

import org.jspecify.annotations.NullMarked;
