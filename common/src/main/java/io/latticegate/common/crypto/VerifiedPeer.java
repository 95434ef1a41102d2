package io.latticegate.common.crypto;

import io.latticegate.common.value.ServiceRole;

/**
 * Who a mesh certificate speaks for, after it was verified.
 *
 * @param role the service
 * @param node the instance
 * @param mesh the installation
 */
public record VerifiedPeer(ServiceRole role, String node, String mesh) {}
