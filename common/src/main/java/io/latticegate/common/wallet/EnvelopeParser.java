package io.latticegate.common.wallet;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.latticegate.common.wallet.WalletAction.Field;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One pass over {@code {typedData: {types, domain, primaryType, message}, signature}} in any order of members. It
 * compares types, domain and primaryType with the server's constants, collects the declared fields of the message,
 * and keeps the first fault of each kind; the reader decides which of them to report. Syntax errors are thrown.
 */
final class EnvelopeParser {

    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,77}");
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{1,64}");

    private final JsonParser json;
    private final byte[] source;
    private final WalletAction action;
    private final WalletDomains domains;
    private final int maxTokensMax;

    private @Nullable String schemaFault;
    private @Nullable String bodyFault;
    private @Nullable String signature;
    private @Nullable Long chainId;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, BigInteger> numbers = new HashMap<>();
    private byte @Nullable [] apiKey;
    private RequestOptions options = RequestOptions.NONE;

    /** @param source the array that {@code json} reads from offset 0 */
    EnvelopeParser(
            JsonParser json, byte[] source, WalletAction action, WalletDomains domains, SignedBodyLimits limits) {
        this.json = json;
        this.source = source;
        this.action = action;
        this.domains = domains;
        this.maxTokensMax = limits.maxTokensMax();
    }

    /** Reads a whole body. */
    void body() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            fault("the body must be a JSON object");
            return;
        }
        boolean typedData = false;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "typedData" -> {
                    typedData = true;
                    typedData(value);
                }
                case "signature" -> signature(value);
                default -> unknown(name, "; allowed are typedData and signature");
            }
        }
        if (!typedData) {
            fault("typedData is missing");
        }
        end();
    }

    /** Reads a document that is the typed data alone. */
    void typedDataOnly() throws IOException {
        typedData(json.nextToken());
        if (bodyFault == null) {
            end();
        }
    }

    /** The first difference from the server's types, domain and primaryType, or null. */
    @Nullable
    String schemaFault() {
        return schemaFault;
    }

    /** The first other mistake, or null. */
    @Nullable
    String bodyFault() {
        return bodyFault;
    }

    /** The body's own signature, if it has one. */
    Optional<String> signature() {
        return Optional.ofNullable(signature);
    }

    /** The name of the first declared field that the message lacks. */
    Optional<String> missingField() {
        return action.fields().stream()
                .map(Field::name)
                .filter(name -> !texts.containsKey(name)
                        && !numbers.containsKey(name)
                        && !(name.equals("apiKey") && apiKey != null))
                .findFirst();
    }

    String text(String field) {
        return present(texts.get(field), field);
    }

    BigInteger number(String field) {
        return present(numbers.get(field), field);
    }

    long chainId() {
        return present(chainId, "chainId");
    }

    RequestOptions options() {
        return options;
    }

    byte[] apiKey() {
        return present(apiKey, "apiKey");
    }

    /** Hands the key over: {@link #wipe()} will leave it alone. */
    byte[] takeApiKey() {
        byte[] key = apiKey();
        apiKey = null;
        return key;
    }

    /** Overwrites a key that nobody took. */
    void wipe() {
        if (apiKey != null) {
            Arrays.fill(apiKey, (byte) 0);
        }
    }

    private static <T> T present(@Nullable T value, String field) {
        if (value == null) {
            throw new IllegalStateException(field + " was asked for without a check that it is there");
        }
        return value;
    }

    private void end() throws IOException {
        if (json.nextToken() != null) {
            fault("something follows the JSON document");
        }
    }

    private void typedData(JsonToken value) throws IOException {
        if (value != JsonToken.START_OBJECT) {
            json.skipChildren();
            fault("typedData must be an object");
            return;
        }
        boolean types = false;
        boolean domain = false;
        boolean primaryType = false;
        boolean message = false;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken member = json.nextToken();
            switch (name) {
                case "types" -> {
                    types = true;
                    types(member);
                }
                case "domain" -> {
                    domain = true;
                    domain(member);
                }
                case "primaryType" -> {
                    primaryType = true;
                    if (!isText(member, action.primaryType())) {
                        mismatch("primaryType must be " + action.primaryType());
                    }
                }
                case "message" -> {
                    message = true;
                    message(member);
                }
                default -> unknown("typedData." + name, "; allowed are types, domain, primaryType and message");
            }
        }
        if (!types || !domain || !primaryType) {
            mismatch("typedData must hold types, domain and primaryType");
        }
        if (!message) {
            fault("typedData.message is missing");
        }
    }

    private void signature(JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            signature = json.getText();
        } else if (value != JsonToken.VALUE_NULL) {
            json.skipChildren();
            fault("signature must be a string");
        }
    }

    private void types(JsonToken value) throws IOException {
        boolean declared = false;
        if (value == JsonToken.START_OBJECT) {
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                JsonToken list = json.nextToken();
                if (name.equals(action.primaryType())) {
                    declared = true;
                    fields(list, name, action.fields());
                } else if (name.equals(WalletAction.Domain.TYPE_NAME)) {
                    fields(list, name, action.domain().fields());
                } else {
                    json.skipChildren();
                    mismatch("types may hold " + action.primaryType() + " and " + WalletAction.Domain.TYPE_NAME
                            + " only");
                }
            }
        } else {
            json.skipChildren();
        }
        if (!declared) {
            mismatch("types must be an object that holds " + action.primaryType());
        }
    }

    private void fields(JsonToken list, String type, List<Field> expected) throws IOException {
        boolean same = list == JsonToken.START_ARRAY;
        if (same) {
            int index = 0;
            for (JsonToken item = json.nextToken(); item != JsonToken.END_ARRAY; item = json.nextToken()) {
                Optional<Field> field = field(item);
                same &= index < expected.size() && field.equals(Optional.of(expected.get(index)));
                index++;
            }
            same &= index == expected.size();
        } else {
            json.skipChildren();
        }
        if (!same) {
            mismatch("types." + type + " must be exactly " + expected);
        }
    }

    private Optional<Field> field(JsonToken item) throws IOException {
        String name = null;
        String type = null;
        boolean clean = item == JsonToken.START_OBJECT;
        if (!clean) {
            json.skipChildren();
            return Optional.empty();
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String member = json.currentName();
            boolean text = json.nextToken() == JsonToken.VALUE_STRING;
            if (text && member.equals("name")) {
                name = json.getText();
            } else if (text && member.equals("type")) {
                type = json.getText();
            } else {
                json.skipChildren();
                clean = false;
            }
        }
        return clean && name != null && type != null ? Optional.of(new Field(name, type)) : Optional.empty();
    }

    private void domain(JsonToken value) throws IOException {
        boolean relay = action.domain() == WalletAction.Domain.RELAY;
        String expectedName = relay ? domains.relayName() : domains.vaultName();
        String expectedVersion = relay ? domains.relayVersion() : domains.vaultVersion();
        boolean name = false;
        boolean version = false;
        boolean other = value != JsonToken.START_OBJECT;
        if (other) {
            json.skipChildren();
        } else {
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String member = json.currentName();
                JsonToken token = json.nextToken();
                switch (member) {
                    case "name" -> name = isText(token, expectedName);
                    case "version" -> version = isText(token, expectedVersion);
                    case "chainId" ->
                        chainId = uint256(token)
                                .filter(id -> id.bitLength() < Long.SIZE
                                        && domains.chainIds().contains(id.longValue()))
                                .map(BigInteger::longValue)
                                .orElse(null);
                    default -> {
                        json.skipChildren();
                        other = true;
                    }
                }
                other |= member.equals("chainId") && !relay;
            }
        }
        if (other || !name || !version || relay == (chainId == null)) {
            mismatch("domain must be exactly name \"" + expectedName + "\", version \"" + expectedVersion + "\""
                    + (relay ? ", chainId one of " + domains.chainIds() : ""));
        }
    }

    private void message(JsonToken value) throws IOException {
        if (value != JsonToken.START_OBJECT) {
            json.skipChildren();
            fault("typedData.message must be an object");
            return;
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken member = json.nextToken();
            Optional<Field> field = action.fields().stream()
                    .filter(declared -> declared.name().equals(name))
                    .findFirst();
            if (field.isPresent()) {
                if (member != JsonToken.VALUE_NULL) {
                    declared(field.get(), member);
                }
            } else if (action == WalletAction.LLM_REQUEST && name.equals("options")) {
                options(member);
            } else {
                unknown("message." + name, "; " + action.primaryType() + " has " + action.fields());
            }
        }
    }

    private void declared(Field field, JsonToken value) throws IOException {
        String name = field.name();
        if (field.type().equals("uint256")) {
            Optional<BigInteger> number = uint256(value);
            if (number.isPresent()) {
                numbers.put(name, number.get());
            } else {
                fault("message." + name + " must be an integer from 0 to 2^256-1, or such a number as a decimal or"
                        + " 0x-hexadecimal string");
            }
        } else if (value != JsonToken.VALUE_STRING) {
            json.skipChildren();
            fault("message." + name + " must be a string");
        } else if (name.equals("apiKey")) {
            apiKey = SecretString.read(
                    source, Math.toIntExact(json.currentTokenLocation().getByteOffset()));
            if (apiKey == null) {
                fault("message.apiKey must be 1 to " + SecretString.BYTES_MAX + " visible ASCII characters");
            }
        } else {
            String text = json.getText();
            if (Faults.hasLoneSurrogate(text)) {
                fault("message." + name + " holds half of a surrogate pair");
            } else {
                texts.put(name, text);
            }
        }
    }

    private void options(JsonToken value) throws IOException {
        if (value == JsonToken.START_OBJECT) {
            RequestOptionsParser parser = new RequestOptionsParser(json, maxTokensMax);
            options = parser.parse();
            String wrong = parser.fault();
            if (wrong != null) {
                fault(wrong);
            }
        } else if (value != JsonToken.VALUE_NULL) {
            json.skipChildren();
            fault("message.options must be an object");
        }
    }

    /** An integer literal, or a decimal or 0x-hexadecimal string, if it is a uint256; no sign, no leading zeros in decimal. */
    private Optional<BigInteger> uint256(JsonToken value) throws IOException {
        if (value != JsonToken.VALUE_NUMBER_INT && value != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return Optional.empty();
        }
        String text = json.getText();
        if (DECIMAL.matcher(text).matches()) {
            return Optional.of(new BigInteger(text)).filter(number -> number.bitLength() <= 256);
        }
        return HEX.matcher(text).matches() ? Optional.of(new BigInteger(text.substring(2), 16)) : Optional.empty();
    }

    private boolean isText(JsonToken value, String expected) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            return json.getText().equals(expected);
        }
        json.skipChildren();
        return false;
    }

    private void unknown(String name, String allowed) throws IOException {
        json.skipChildren();
        fault("unknown member: " + Faults.clip(name) + allowed);
    }

    private void fault(String what) {
        if (bodyFault == null) {
            bodyFault = what;
        }
    }

    private void mismatch(String what) {
        if (schemaFault == null) {
            schemaFault = what;
        }
    }
}
