package io.latticegate.proxy.dialect.openai;

import io.latticegate.proxy.chat.SignatureMark;
import org.jspecify.annotations.Nullable;

/**
 * What a provider of the Responses API needs back with its reasoning: the item's id and {@code encrypted_content}. Other
 * protocols carry it as a signature in the form {@code openai:<id>:<encrypted>}; an id holds no colon.
 */
record ResponsesSignature(String itemId, String encrypted) {

    /** The form in which other protocols carry it. */
    String marked() {
        return SignatureMark.OPENAI + itemId + ':' + encrypted;
    }

    /** Reads {@link #marked}; null when the signature is absent or of another protocol. */
    static @Nullable ResponsesSignature ofMarked(@Nullable String signature) {
        if (signature == null || !signature.startsWith(SignatureMark.OPENAI)) {
            return null;
        }
        int start = SignatureMark.OPENAI.length();
        int colon = signature.indexOf(':', start);
        return colon < 0
                ? null
                : new ResponsesSignature(signature.substring(start, colon), signature.substring(colon + 1));
    }
}
