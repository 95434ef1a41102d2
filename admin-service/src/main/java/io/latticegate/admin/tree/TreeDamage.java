package io.latticegate.admin.tree;

/** The stored tree does not hold together, or is not the one whose head was signed last: nothing is signed over it. */
public final class TreeDamage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TreeDamage(String what) {
        super(what, null, false, false);
    }
}
