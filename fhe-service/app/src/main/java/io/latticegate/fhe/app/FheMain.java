package io.latticegate.fhe.app;

import io.latticegate.common.service.ServiceMain;

/** Runs fhe-service as a process of its own. */
public final class FheMain {
    static void main(String[] args) {
        ServiceMain.run(args, new FheService());
    }

    private FheMain() {}
}
