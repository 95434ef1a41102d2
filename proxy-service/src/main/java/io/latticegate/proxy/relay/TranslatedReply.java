package io.latticegate.proxy.relay;

import io.latticegate.proxy.chat.Answer;
import io.latticegate.proxy.chat.ChatEvent;
import io.latticegate.proxy.chat.ProviderError;
import io.latticegate.proxy.chat.TokenUsage;
import io.latticegate.proxy.dialect.ProviderDialect;
import io.latticegate.proxy.dialect.StreamDecoder;
import io.latticegate.proxy.dialect.StreamEncoder;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer that is decoded into events and written in the client's dialect, both streamed or complete in any mix. */
final class TranslatedReply implements ReplyPath {
    /** Largest complete answer of a provider that is translated. */
    private static final int COMPLETE_MAX = 32 * 1024 * 1024;

    /** Most events of a stream that are collected into one complete answer. */
    private static final int EVENTS_MAX = 250_000;

    private final ProviderDialect provider;
    private final @Nullable StreamDecoder decoder;
    private final ClientAnswer client;
    private final ByteArrayOutputStream complete = new ByteArrayOutputStream();
    private final ByteArrayOutputStream forward = new ByteArrayOutputStream();
    private final List<ChatEvent> events = new ArrayList<>();
    private @Nullable TokenUsage usage;
    private @Nullable ProviderError failure;
    private long textBytes;

    /** @param providerStreams whether the provider answers with an event stream */
    TranslatedReply(ProviderDialect provider, boolean providerStreams, ClientAnswer client) {
        this.provider = provider;
        this.decoder = providerStreams ? provider.startDecoding() : null;
        this.client = client;
    }

    @Override
    public String contentType() {
        return client.contentType();
    }

    @Override
    public Buffer onBytes(Buffer bytes) {
        byte[] raw = bytes.getBytes();
        if (decoder != null) {
            decoder.feed(raw, 0, raw.length, this::take);
            return drain();
        }
        if (complete.size() + raw.length > COMPLETE_MAX) {
            tooLarge();
        } else {
            complete.writeBytes(raw);
        }
        return Ending.NOTHING;
    }

    @Override
    public @Nullable ProviderError abandoned() {
        return failure;
    }

    @Override
    public Ending onEnd() {
        if (decoder != null) {
            decoder.end(this::take);
        } else if (failure == null) {
            provider.decodeReply(complete.toByteArray()).forEach(this::take);
        }
        if (failure != null) {
            return new Ending(drain(), failure);
        }
        switch (client) {
            case ClientAnswer.Stream stream ->
                forward.writeBytes(stream.encoder().finish());
            case ClientAnswer.Text text -> {}
            case ClientAnswer.Complete whole -> forward.writeBytes(whole.reply().apply(Answer.of(events)));
        }
        return new Ending(drain(), null);
    }

    @Override
    public @Nullable Buffer brokenOff(ProviderError error) {
        if (!(client instanceof ClientAnswer.Stream(StreamEncoder encoder))) {
            return null;
        }
        forward.writeBytes(encoder.encode(new ChatEvent.Failed(error)));
        return drain();
    }

    @Override
    public @Nullable ProviderError failure() {
        return failure;
    }

    @Override
    public @Nullable TokenUsage usage() {
        return usage;
    }

    @Override
    public long outputTextBytes() {
        return textBytes;
    }

    private void take(ChatEvent event) {
        if (failure != null) {
            return;
        }
        switch (event) {
            case ChatEvent.Failed failed -> {
                fail(failed.error());
                return;
            }
            case ChatEvent.UsageReported reported -> usage = reported.usage();
            case ChatEvent.TextDelta delta -> textBytes += utf8Length(delta.text());
            case ChatEvent.ReasoningDelta delta -> textBytes += utf8Length(delta.text());
            case ChatEvent.ToolCallArguments arguments -> textBytes += utf8Length(arguments.jsonFragment());
            default -> {}
        }
        switch (client) {
            case ClientAnswer.Stream stream ->
                forward.writeBytes(stream.encoder().encode(event));
            case ClientAnswer.Text text -> {
                if (event instanceof ChatEvent.TextDelta delta) {
                    forward.writeBytes(delta.text().getBytes(StandardCharsets.UTF_8));
                }
            }
            case ClientAnswer.Complete whole -> {
                events.add(event);
                if (events.size() > EVENTS_MAX || textBytes > COMPLETE_MAX) {
                    tooLarge();
                }
            }
        }
    }

    private void tooLarge() {
        fail(ProviderError.of(
                ProviderError.Kind.OUTAGE, "provider_reply_too_large", "The provider's answer is too large"));
    }

    private void fail(ProviderError error) {
        failure = error;
    }

    private Buffer drain() {
        if (forward.size() == 0) {
            return Ending.NOTHING;
        }
        Buffer bytes = Buffer.buffer(forward.toByteArray());
        forward.reset();
        return bytes;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
