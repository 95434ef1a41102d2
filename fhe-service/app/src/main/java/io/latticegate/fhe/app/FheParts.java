package io.latticegate.fhe.app;

import io.latticegate.common.config.FheConfig;
import io.latticegate.common.service.ServiceContext;
import io.latticegate.fhe.app.job.JobQueue;
import io.latticegate.fhe.app.privacy.PrivacyLedger;
import io.latticegate.fhe.app.scheme.Scheme;
import io.latticegate.fhe.app.scheme.Schemes;
import io.latticegate.fhe.app.session.KeyFiles;
import io.latticegate.fhe.app.session.OpenKeyCache;
import io.latticegate.fhe.app.session.Session;
import io.latticegate.fhe.app.session.Sessions;
import io.latticegate.fhe.app.store.Folder;

/**
 * What families of endpoints share.
 *
 * @param folder {@code fhe.dir}; each family has a folder of its own in it
 * @param keys key files as they lie on disk
 * @param openKeys key files that are mapped
 * @param ledger what projects have spent of privacy budgets; its methods block
 */
public record FheParts(
        ServiceContext context,
        FheConfig config,
        Schemes schemes,
        Folder folder,
        Sessions sessions,
        KeyFiles keys,
        OpenKeyCache openKeys,
        JobQueue jobs,
        PrivacyLedger ledger) {

    /** The parameter set of a session. */
    public Scheme scheme(Session session) {
        return schemes.require(session.preset());
    }
}
