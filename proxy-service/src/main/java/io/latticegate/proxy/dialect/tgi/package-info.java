/** The own protocol of Hugging Face's Text Generation Inference. */
@NullMarked
package io.latticegate.proxy.dialect.tgi;

import org.jspecify.annotations.NullMarked;
