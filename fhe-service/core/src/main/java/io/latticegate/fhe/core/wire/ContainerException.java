package io.latticegate.fhe.core.wire;

import java.io.IOException;

/** The refusal of a container: what was found, where, and what is allowed there. Not thrown for faults of the transport. */
public final class ContainerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why a container is refused. */
    public enum Reason {
        /** It ends before the object does. */
        TRUNCATED,
        /** Something follows the object. */
        TRAILING,
        /** A header is not one of SEAL's. */
        HEADER,
        /** A header's version is not one that is read here. */
        VERSION,
        /** A size or count does not fit the parameters in force. */
        SIZE,
        /** The compressed payload cannot be decompressed. */
        COMPRESSION,
        /** The object belongs to other parameters, or to a level where it has no place. */
        PARAMETERS,
        /** The object is not in NTT form, or has a field that CKKS does not use. */
        FORM,
        /** The scale is none of those allowed. */
        SCALE,
        /** A residue is not below its prime. */
        RESIDUE,
        /** The ciphertext hides nothing: all its polynomials but the first are zero. */
        TRANSPARENT,
        /** The object is a secret key. */
        SECRET_KEY
    }

    private final Reason reason;
    private final String what;
    private final String where;
    private final String allowed;

    /** What was found, where, and what is allowed there. */
    public ContainerException(Reason reason, String what, String where, String allowed) {
        super(what + " at " + where + "; allowed: " + allowed);
        this.reason = reason;
        this.what = what;
        this.where = where;
        this.allowed = allowed;
    }

    /** Why the container is refused. */
    public Reason reason() {
        return reason;
    }

    /** What was found. */
    public String what() {
        return what;
    }

    /** The object, the part of it and the byte of the decompressed container. */
    public String where() {
        return where;
    }

    /** What would have been accepted. */
    public String allowed() {
        return allowed;
    }
}
