package io.latticegate.common.wallet;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.latticegate.common.crypto.Eip55;
import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.value.WalletAddress;
import io.latticegate.common.wallet.SignedBody.LlmRequest;
import io.latticegate.common.wallet.SignedBody.VaultDelete;
import io.latticegate.common.wallet.SignedBody.VaultStore;
import io.latticegate.common.wallet.WalletSignature.Parsed;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code {typedData, signature}} strictly and computes the digest that the wallet must have signed from its own
 * constants and the parsed values. Wallet libraries disagree on ambiguous input and silently leave extra fields
 * unsigned, so everything ambiguous is refused: members that appear twice, undeclared fields, floats for integers,
 * lone surrogates, text after the document. The order of refusals is size, syntax, types and domain, message,
 * signature's form. Stateless: any thread may read.
 */
public final class SignedBodyReader {

    private static final int DEPTH_MAX = 32;
    private static final int TOKENS_MAX = 10_000;
    private static final int NAME_LENGTH_MAX = 256;
    private static final int NUMBER_LENGTH_MAX = 100;
    private static final int HEADER_LENGTH_MAX = 8_192;
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9._:/-]{1,128}");
    private static final Pattern PROVIDER = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final SignedActions actions;
    private final SignedBodyLimits limits;
    private final JsonFactory json;

    /** Reads bodies that are signed under the domains of {@code actions}. */
    public SignedBodyReader(SignedActions actions, SignedBodyLimits limits) {
        this.actions = actions;
        this.limits = limits;
        this.json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEPTH_MAX)
                        .maxTokenCount(TOKENS_MAX)
                        .maxNameLength(NAME_LENGTH_MAX)
                        .maxNumberLength(NUMBER_LENGTH_MAX)
                        .maxStringLength(limits.bodyBytesMax())
                        .maxDocumentLength(limits.bodyBytesMax())
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .build();
    }

    /**
     * Reads the body of {@code POST /api/llm/proxy}.
     *
     * @param body the request body; read, neither kept nor changed
     * @param header the value of {@code X-Wallet-Signature}, null when there is none
     */
    public Reading<LlmRequest> readLlmRequest(byte[] body, @Nullable String header) {
        return read(body, false, header, WalletAction.LLM_REQUEST, (fields, signature) -> {
            WalletAddress wallet = wallet(fields);
            String prompt = fields.text("prompt");
            if (prompt.isEmpty()) {
                throw new BadField("message.prompt must not be empty");
            }
            String model = fields.text("model");
            if (!MODEL.matcher(model).matches() || model.contains("..")) {
                throw new BadField("message.model must be 1 to 128 characters of A-Z a-z 0-9 . _ : / - without \"..\"");
            }
            BigInteger nonce = fields.number("nonce");
            BigInteger timestamp = fields.number("timestamp");
            Hash32 digest = actions.llmRequest(fields.chainId(), prompt, model, wallet, nonce, timestamp);
            return new LlmRequest(
                    wallet, prompt, model, fields.options(), nonce, seconds(timestamp), digest, signature);
        });
    }

    /** Reads the body of {@code POST /api/vault/store}; who receives the result closes it. Parameters as above. */
    public Reading<VaultStore> readVaultStore(byte[] body, @Nullable String header) {
        return read(body, false, header, WalletAction.VAULT_STORE, (fields, signature) -> {
            String provider = provider(fields);
            BigInteger timestamp = fields.number("timestamp");
            Hash32 digest = actions.vaultStore(provider, fields.apiKey(), timestamp);
            return new VaultStore(provider, fields.takeApiKey(), seconds(timestamp), digest, signature);
        });
    }

    /** Reads the body of {@code DELETE /api/vault/{provider}}. Parameters as above. */
    public Reading<VaultDelete> readVaultDelete(byte[] body, @Nullable String header) {
        return readVaultDelete(body, false, header);
    }

    /**
     * Reads a {@code VaultDelete} from the header {@code X-Typed-Data}, for clients that cannot send a body with
     * DELETE.
     *
     * @param typedData base64url (RFC 4648 section 5, padding optional) of the typed data's JSON, at most 8,192
     *     characters
     * @param header the value of {@code X-Wallet-Signature}, null when there is none
     */
    public Reading<VaultDelete> readVaultDeleteHeader(String typedData, @Nullable String header) {
        if (typedData.length() > HEADER_LENGTH_MAX) {
            return malformed("X-Typed-Data may have " + HEADER_LENGTH_MAX + " characters, has " + typedData.length());
        }
        try {
            return readVaultDelete(Base64.getUrlDecoder().decode(typedData), true, header);
        } catch (IllegalArgumentException notBase64) {
            return malformed("X-Typed-Data is not base64url");
        }
    }

    private Reading<VaultDelete> readVaultDelete(byte[] document, boolean typedDataOnly, @Nullable String header) {
        return read(document, typedDataOnly, header, WalletAction.VAULT_DELETE, (fields, signature) -> {
            WalletAddress wallet = wallet(fields);
            String provider = provider(fields);
            BigInteger nonce = fields.number("nonce");
            BigInteger timestamp = fields.number("timestamp");
            Hash32 digest = actions.vaultDelete(wallet, provider, nonce, timestamp);
            return new VaultDelete(wallet, provider, nonce, seconds(timestamp), digest, signature);
        });
    }

    private <T> Reading<T> read(
            byte[] document,
            boolean typedDataOnly,
            @Nullable String header,
            WalletAction action,
            Assembly<T> assembly) {
        if (document.length > limits.bodyBytesMax()) {
            return new Reading.Refused<>(
                    413, Reading.Refused.TOO_LARGE, "the body may have " + limits.bodyBytesMax() + " bytes");
        }
        if (!isUtf8(document)) {
            return malformed("the body is not UTF-8");
        }
        try (JsonParser parser = json.createParser(document)) {
            EnvelopeParser fields = new EnvelopeParser(parser, document, action, actions.domains(), limits);
            try {
                if (typedDataOnly) {
                    fields.typedDataOnly();
                } else {
                    fields.body();
                }
                return decide(fields, header, assembly);
            } finally {
                fields.wipe();
            }
        } catch (JsonProcessingException syntax) {
            JsonLocation where = syntax.getLocation();
            return malformed("the body is not one JSON document without repeated members, at most " + DEPTH_MAX
                    + " levels deep"
                    + (where == null ? "" : "; the fault is near byte " + where.getByteOffset()));
        } catch (IOException unexpected) {
            throw new IllegalStateException("reading from memory failed", unexpected);
        }
    }

    private <T> Reading<T> decide(EnvelopeParser fields, @Nullable String header, Assembly<T> assembly) {
        String mismatch = fields.schemaFault();
        if (mismatch != null) {
            return new Reading.Refused<>(
                    401,
                    Reading.Refused.SCHEMA_MISMATCH,
                    "Invalid signature: the typed data is not this server's: " + mismatch);
        }
        String fault = fields.bodyFault();
        if (fault != null) {
            return new Reading.Refused<>(400, Reading.Refused.INVALID_FIELD, fault);
        }
        Optional<String> missing = fields.missingField();
        if (missing.isPresent()) {
            return new Reading.Refused<>(400, Reading.Refused.MISSING_FIELD, "Missing field: " + missing.get());
        }
        return switch (signature(header, fields.signature().orElse(null))) {
            case Parsed.Malformed(String why) ->
                new Reading.Refused<>(401, Reading.Refused.INVALID_SIGNATURE, "Invalid signature: " + why);
            case Parsed.Valid(WalletSignature signature) -> {
                try {
                    yield new Reading.Accepted<>(assembly.assemble(fields, signature));
                } catch (BadField bad) {
                    yield new Reading.Refused<>(400, Reading.Refused.INVALID_FIELD, bad.what);
                }
            }
        };
    }

    /** Header and body may both carry the signature, but then it must be the same one. */
    private static Parsed signature(@Nullable String header, @Nullable String inBody) {
        String text = header != null ? header : inBody;
        if (text == null) {
            return new Parsed.Malformed("neither header X-Wallet-Signature nor body member signature is there");
        }
        if (inBody != null && !text.equalsIgnoreCase(inBody)) {
            return new Parsed.Malformed("header X-Wallet-Signature and body member signature differ");
        }
        return WalletSignature.parse(text);
    }

    private static WalletAddress wallet(EnvelopeParser fields) throws BadField {
        try {
            return Eip55.parse(fields.text("wallet"));
        } catch (IllegalArgumentException noAddress) {
            throw new BadField("message.wallet must be 0x and 40 hexadecimal digits, in one case or with the EIP-55"
                    + " checksum");
        }
    }

    private static String provider(EnvelopeParser fields) throws BadField {
        String provider = fields.text("provider");
        if (!PROVIDER.matcher(provider).matches() || provider.contains("..")) {
            throw new BadField("message.provider must be 1 to 64 characters of A-Z a-z 0-9 . _ - without \"..\"");
        }
        return provider;
    }

    private static long seconds(BigInteger timestamp) {
        return timestamp.min(LONG_MAX).longValue();
    }

    private static <T> Reading<T> malformed(String detail) {
        return new Reading.Refused<>(400, Reading.Refused.MALFORMED, detail);
    }

    /** RFC 3629 to the letter: no overlong forms, no surrogates. The characters, which may be a secret's, are wiped. */
    private static boolean isUtf8(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        char[] scratch = new char[Math.min(bytes.length + 1, 8_192)];
        CharBuffer out = CharBuffer.wrap(scratch);
        try {
            CoderResult result;
            do {
                out.clear();
                result = decoder.decode(in, out, true);
            } while (result.isOverflow());
            return result.isUnderflow();
        } finally {
            Arrays.fill(scratch, '\0');
        }
    }

    /** Turns fields that are all there into a body; everything that {@code fields} offers was checked to be present. */
    private interface Assembly<T> {
        T assemble(EnvelopeParser fields, WalletSignature signature) throws BadField;
    }

    /** A declared field whose value is outside its range; caught in this class. */
    private static final class BadField extends Exception {
        private static final long serialVersionUID = 1L;
        private final String what;

        BadField(String what) {
            super(what, null, false, false);
            this.what = what;
        }
    }
}
