package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ChatRequest;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.RequestWriting;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.guard.AnswerGuard;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A provider's dialect whose one answer is examined on its way to the client's dialect. */
final class GuardedDialect implements ProviderDialect {
    private final ProviderDialect provider;
    private final AnswerGuard guard;

    GuardedDialect(ProviderDialect provider, AnswerGuard guard) {
        this.provider = provider;
        this.guard = guard;
    }

    /** What of a whole answer may be shown; where it is refused, what it took and the refusal. */
    static List<ChatEvent> examined(List<ChatEvent> events, AnswerGuard guard) {
        List<ChatEvent> shown = new ArrayList<>();
        AnswerGuard.Chat chat = guard.chat();
        events.forEach(event -> chat.add(event, shown::add));
        chat.end(shown::add);
        ProviderError refusal = guard.refusal();
        if (refusal == null) {
            return shown;
        }
        List<ChatEvent> refused = new ArrayList<>(events.stream()
                .filter(ChatEvent.UsageReported.class::isInstance)
                .toList());
        refused.add(new ChatEvent.Failed(refusal));
        return refused;
    }

    @Override
    public RequestWriting write(ChatRequest request) {
        return provider.write(request);
    }

    @Override
    public List<ChatEvent> decodeReply(byte[] body) {
        return body.length > GuardedReply.BYTES_MAX
                ? List.of(new ChatEvent.Failed(GuardedReply.tooLarge()))
                : examined(provider.decodeReply(body), guard);
    }

    @Override
    public StreamDecoder startDecoding() {
        StreamDecoder decoder = provider.startDecoding();
        AnswerGuard.Chat chat = guard.chat();
        return new StreamDecoder() {
            @Override
            public void feed(byte[] chunk, int offset, int length, Consumer<ChatEvent> sink) {
                decoder.feed(chunk, offset, length, event -> chat.add(event, sink));
            }

            @Override
            public void end(Consumer<ChatEvent> sink) {
                decoder.end(event -> chat.add(event, sink));
                chat.end(sink);
            }

            @Override
            public boolean complete() {
                return decoder.complete();
            }
        };
    }

    @Override
    public ProviderError decodeError(int status, byte[] body) {
        return provider.decodeError(status, body);
    }
}
