package io.latticegate.admin;

import io.latticegate.common.service.ServiceMain;

/** Runs admin-service as a process of its own. */
public final class AdminMain {
    static void main(String[] args) {
        ServiceMain.run(args, new AdminService());
    }

    private AdminMain() {}
}
