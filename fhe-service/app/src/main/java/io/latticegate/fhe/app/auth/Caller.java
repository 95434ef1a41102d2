package io.latticegate.fhe.app.auth;

/**
 * Who calls.
 *
 * @param projectId owner of everything that the call makes and finds
 * @param tokenId the token that pays, never the token itself
 */
public record Caller(String projectId, String tokenId) {}
