package io.latticegate.proxy;

import io.latticegate.common.service.ServiceMain;

/** Runs proxy-service as a process of its own. */
public final class ProxyMain {
    static void main(String[] args) {
        ServiceMain.run(args, new ProxyService());
    }

    private ProxyMain() {}
}
