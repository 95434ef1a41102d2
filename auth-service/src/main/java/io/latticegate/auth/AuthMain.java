package io.latticegate.auth;

import io.latticegate.common.service.ServiceMain;

/** Runs auth-service as a process of its own. */
public final class AuthMain {
    static void main(String[] args) {
        ServiceMain.run(args, new AuthService());
    }

    private AuthMain() {}
}
