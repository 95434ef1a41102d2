package io.latticegate.common.wallet;

import io.latticegate.common.crypto.Hash32;
import io.latticegate.common.crypto.Keccak256;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a wallet can ask for by a signature, each with the one ordered list of fields that is hashed for it. The lists
 * are constants of the server: a client's own list is compared with them and never used.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists come from List.of, the hashes are records of longs
public enum WalletAction {
    /** One chat completion, paid with the wallet's own provider key. */
    LLM_REQUEST(
            "LLMRequest",
            Domain.RELAY,
            new Field("prompt", "string"),
            new Field("model", "string"),
            new Field("wallet", "address"),
            new Field("nonce", "uint256"),
            new Field("timestamp", "uint256")),

    /** Deposits a provider key. It names no wallet and has no nonce: the owner is the signer, and a digest counts once. */
    VAULT_STORE(
            "VaultStore",
            Domain.VAULT,
            new Field("provider", "string"),
            new Field("apiKey", "string"),
            new Field("timestamp", "uint256")),

    /** Removes a provider key. */
    VAULT_DELETE(
            "VaultDelete",
            Domain.VAULT,
            new Field("wallet", "address"),
            new Field("provider", "string"),
            new Field("nonce", "uint256"),
            new Field("timestamp", "uint256")),

    /** Reads what the wallet has used. It changes nothing, so that it has no nonce and holds until it has expired. */
    USAGE_QUERY("UsageQuery", Domain.RELAY, new Field("wallet", "address"), new Field("timestamp", "uint256"));

    private final String primaryType;
    private final Domain domain;
    private final List<Field> fields;
    private final Hash32 typeHash;

    WalletAction(String primaryType, Domain domain, Field... fields) {
        this.primaryType = primaryType;
        this.domain = domain;
        this.fields = List.of(fields);
        this.typeHash = Field.typeHash(primaryType, this.fields);
    }

    /** The name of the struct that is signed. */
    public String primaryType() {
        return primaryType;
    }

    /** The domain under which it is signed. */
    public Domain domain() {
        return domain;
    }

    /** The fields in the order in which they are hashed. */
    public List<Field> fields() {
        return fields;
    }

    /** Keccak-256 of EIP-712's {@code encodeType}. */
    Hash32 typeHash() {
        return typeHash;
    }

    /**
     * One member of a struct.
     *
     * @param name the member's name
     * @param type {@code string}, {@code address} or {@code uint256}; no other type is signed here
     */
    public record Field(String name, String type) {
        /** Keccak-256 of {@code encodeType}; here, where neither enum has to be initialised before the other. */
        private static Hash32 typeHash(String name, List<Field> fields) {
            return Keccak256.hash(fields.stream()
                    .map(field -> field.type() + " " + field.name())
                    .collect(Collectors.joining(",", name + "(", ")")));
        }

        @Override
        public String toString() {
            return name + " " + type;
        }
    }

    /** The two domains; see {@link WalletDomains} for the values of their fields. */
    @SuppressWarnings("ImmutableEnumChecker") // as above
    public enum Domain {
        /** Name, version and chainId. */
        RELAY(new Field("name", "string"), new Field("version", "string"), new Field("chainId", "uint256")),
        /** Name and version. */
        VAULT(new Field("name", "string"), new Field("version", "string"));

        /** The name that EIP-712 gives to the struct of every domain. */
        static final String TYPE_NAME = "EIP712Domain";

        private final List<Field> fields;
        private final Hash32 typeHash;

        Domain(Field... fields) {
            this.fields = List.of(fields);
            this.typeHash = Field.typeHash(TYPE_NAME, this.fields);
        }

        /** The fields in the order in which they are hashed. */
        public List<Field> fields() {
            return fields;
        }

        Hash32 typeHash() {
            return typeHash;
        }
    }
}
