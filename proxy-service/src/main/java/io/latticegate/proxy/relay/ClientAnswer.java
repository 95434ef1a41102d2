package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.dialect.StreamEncoder;
import java.util.function.Function;

/** The form in which the client wants a translated answer. */
sealed interface ClientAnswer {
    String contentType();

    /** An event stream of the client's dialect. */
    record Stream(StreamEncoder encoder) implements ClientAnswer {
        @Override
        public String contentType() {
            return encoder.contentType();
        }
    }

    /** Bare text as it comes, without framing (S0-052); a failure can only be shown by breaking off. */
    record Text() implements ClientAnswer {
        @Override
        public String contentType() {
            return "text/plain; charset=utf-8";
        }
    }

    /** One JSON document at the end. */
    record Complete(Function<Answer, byte[]> reply) implements ClientAnswer {
        @Override
        public String contentType() {
            return "application/json";
        }
    }
}
