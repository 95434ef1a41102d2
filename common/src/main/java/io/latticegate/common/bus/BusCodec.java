package io.latticegate.common.bus;

import io.latticegate.common.contract.AuditApi;
import io.latticegate.common.contract.AuthApi;
import io.latticegate.common.contract.Broadcast;
import io.latticegate.common.contract.CacheApi;
import io.latticegate.common.contract.ConditionApi;
import io.latticegate.common.contract.ConfigApi;
import io.latticegate.common.contract.Endpoint;
import io.latticegate.common.contract.FheApi;
import io.latticegate.common.contract.OpsApi;
import io.latticegate.common.contract.VaultApi;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The one codec of the bus. Inside a JVM the value is handed over as it is; on the wire it is
 *
 * <pre>version u8 = 1 | name length u8 | type name, ASCII | body length i32 | CBOR body</pre>
 *
 * where the type name is looked up among the contracts' types and never loads a class.
 */
final class BusCodec implements MessageCodec<MessageOnTheBus, MessageOnTheBus> {
    static final String NAME = "latticegate.v1";
    private static final byte VERSION = 1;

    private final Map<String, Class<?>> typesByName;

    BusCodec() {
        Map<String, Class<?>> types = new HashMap<>();
        Stream.of(
                        AuthApi.endpoints(),
                        VaultApi.endpoints(),
                        AuditApi.endpoints(),
                        ConfigApi.endpoints(),
                        FheApi.endpoints(),
                        OpsApi.endpoints())
                .flatMap(Collection::stream)
                .flatMap(BusCodec::typesOf)
                .forEach(type -> types.put(nameOf(type), type));
        Stream.of(
                        AuthApi.REVOKED,
                        VaultApi.CHANGED,
                        CacheApi.PURGE,
                        CacheApi.PURGED,
                        ConfigApi.CHANGED,
                        OpsApi.ROLL_CALL,
                        OpsApi.REPORT,
                        OpsApi.LEVELS_CHANGED)
                .map(Broadcast::message)
                .forEach(type -> types.put(nameOf(type), type));
        ConditionApi.broadcasts().stream().map(Broadcast::message).forEach(type -> types.put(nameOf(type), type));
        List.of(SignedQuestion.class, SignedReply.class).forEach(type -> types.put(nameOf(type), type));
        typesByName = Map.copyOf(types);
    }

    @Override
    public void encodeToWire(Buffer wire, MessageOnTheBus message) {
        byte[] name = nameOf(message.type()).getBytes(StandardCharsets.US_ASCII);
        byte[] body = ContractCodec.write(message.type(), message.value());
        wire.appendByte(VERSION);
        wire.appendByte((byte) name.length);
        wire.appendBytes(name);
        wire.appendInt(body.length);
        wire.appendBytes(body);
    }

    @Override
    public MessageOnTheBus decodeFromWire(int start, Buffer wire) {
        int at = start;
        byte version = wire.getByte(at++);
        if (version != VERSION) {
            throw new ContractCodec.MalformedMessage(
                    "bus message of version " + version + "; this node reads version " + VERSION, null);
        }
        int nameLength = wire.getUnsignedByte(at++);
        String name = new String(wire.getBytes(at, at + nameLength), StandardCharsets.US_ASCII);
        at += nameLength;
        Class<?> type = typesByName.get(name);
        if (type == null) {
            throw new ContractCodec.MalformedMessage("unknown type on the bus", null);
        }
        int bodyLength = wire.getInt(at);
        at += 4;
        if (bodyLength < 0 || bodyLength > ContractCodec.MAX_BYTES || at + bodyLength > wire.length()) {
            throw new ContractCodec.MalformedMessage("bus message with an impossible length " + bodyLength, null);
        }
        return new MessageOnTheBus(type, ContractCodec.read(type, wire.getBytes(at, at + bodyLength)));
    }

    @Override
    public MessageOnTheBus transform(MessageOnTheBus message) {
        return message;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }

    private static Stream<Class<?>> typesOf(Endpoint<?, ?> endpoint) {
        return Stream.of(endpoint.request(), endpoint.reply());
    }

    private static String nameOf(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return outer == null ? type.getSimpleName() : outer.getSimpleName() + "." + type.getSimpleName();
    }
}
