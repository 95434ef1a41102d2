package io.latticegate.common.bus;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.jsontype.TypeResolverBuilder;
import com.fasterxml.jackson.databind.jsontype.impl.StdTypeResolverBuilder;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.latticegate.common.value.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes contract records as CBOR (RFC 8949) and reads them back. A sealed interface is written with the simple name of
 * its case; nothing but the permitted cases can be read, so no type name from the wire ever chooses a class.
 *
 * <p>Bounds: {@link #MAX_BYTES} per message, nesting depth 32, strings and byte strings 1 MiB. A message beyond them, or
 * with an unknown case, or with a missing component, is refused with {@link MalformedMessage}; unknown components are
 * skipped, which lets an older node read a newer one's additions. {@link Secret} is refused in both directions.
 */
public final class ContractCodec {
    /** Largest message on the bus: it carries questions and decisions, never streams. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final ObjectMapper CBOR = mapper();

    /** A message that cannot be read as the contract says, or that must not be written. */
    public static final class MalformedMessage extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedMessage(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Bytes of {@code value} as a {@code type}. */
    public static byte[] write(Class<?> type, Object value) {
        byte[] bytes;
        try {
            bytes = CBOR.writerFor(type).writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new MalformedMessage("cannot write " + type.getSimpleName() + " to the bus", e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new MalformedMessage(
                    type.getSimpleName() + " has " + bytes.length + " bytes on the bus; allowed are " + MAX_BYTES,
                    null);
        }
        return bytes;
    }

    /** Reads what {@link #write} wrote. */
    public static <T> T read(Class<T> type, byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedMessage(type.getSimpleName() + " has " + bytes.length + " bytes on the bus", null);
        }
        T value;
        try {
            value = CBOR.readValue(bytes, type);
        } catch (IOException e) {
            throw new MalformedMessage("cannot read " + type.getSimpleName() + " from the bus", e);
        }
        if (value == null) {
            throw new MalformedMessage("empty " + type.getSimpleName() + " on the bus", null);
        }
        return value;
    }

    private static ObjectMapper mapper() {
        CBORFactory factory = CBORFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(32)
                        .maxStringLength(1024 * 1024)
                        .maxDocumentLength(MAX_BYTES)
                        .build())
                .build();
        SimpleModule secrets = new SimpleModule();
        secrets.addSerializer(Secret.class, new RefusingSerializer());
        return CBORMapper.builder(factory)
                .annotationIntrospector(new SealedTypes())
                .addModule(secrets)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** Makes every sealed interface polymorphic by the simple names of its permitted cases. */
    private static final class SealedTypes extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable TypeResolverBuilder<?> findTypeResolver(
                MapperConfig<?> config, AnnotatedClass type, JavaType baseType) {
            if (!sealedOrCase(type.getRawType())) {
                return super.findTypeResolver(config, type, baseType);
            }
            return new StdTypeResolverBuilder()
                    .init(JsonTypeInfo.Id.NAME, null)
                    .inclusion(JsonTypeInfo.As.WRAPPER_ARRAY);
        }

        @Override
        public @Nullable List<NamedType> findSubtypes(Annotated type) {
            if (!type.getRawType().isSealed()) {
                return super.findSubtypes(type);
            }
            List<NamedType> cases = new ArrayList<>();
            for (Class<?> permitted : type.getRawType().getPermittedSubclasses()) {
                cases.add(new NamedType(permitted, permitted.getSimpleName()));
            }
            return cases;
        }

        @Override
        public @Nullable String findTypeName(AnnotatedClass type) {
            return sealedOrCase(type.getRawType()) ? type.getRawType().getSimpleName() : super.findTypeName(type);
        }

        private static boolean sealedOrCase(Class<?> type) {
            return type.isSealed() || Arrays.stream(type.getInterfaces()).anyMatch(Class::isSealed);
        }
    }

    private static final class RefusingSerializer extends StdSerializer<Secret> {
        private static final long serialVersionUID = 1L;

        RefusingSerializer() {
            super(Secret.class);
        }

        @Override
        public void serialize(Secret secret, JsonGenerator out, SerializerProvider provider) throws IOException {
            throw new JsonGenerationException("a Secret is never written; seal it", out);
        }
    }

    private ContractCodec() {}
}
