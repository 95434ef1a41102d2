package io.latticegate.vault;

import io.latticegate.common.service.ServiceMain;

/** Runs vault-service as a process of its own. */
public final class VaultMain {
    static void main(String[] args) {
        ServiceMain.run(args, new VaultService());
    }

    private VaultMain() {}
}
