/** Encrypted retrieval for LangChain4j: an embedding store whose queries and scores are encrypted, and embeddings made here. */
@NullMarked
package io.latticegate.client.langchain4j;

import org.jspecify.annotations.NullMarked;
