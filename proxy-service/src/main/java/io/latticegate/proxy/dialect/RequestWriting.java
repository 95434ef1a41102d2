package io.latticegate.proxy.dialect;

import java.util.List;

/** What came of putting a request into a provider's words. */
public sealed interface RequestWriting {

    /** The body for the provider; {@code dropped} names what its protocol cannot say ({@link DroppedFields}). Never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    record Written(byte[] body, List<String> dropped) implements RequestWriting {}

    /** The request asks for something that the protocol cannot say and whose loss would change its meaning. */
    record Refused(Refusal refusal) implements RequestWriting {}
}
