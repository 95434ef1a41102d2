package io.latticegate.proxy.dialect;

/**
 * What an answer needs beside its events.
 *
 * @param id the id to use when the provider gave none; unique per request
 * @param model the model's name as the client asked for it; the answer repeats it, whatever the provider calls the model
 * @param createdEpochSecond when the answer began
 * @param includeUsage whether a stream ends with usage where the protocol leaves the choice to the client (OpenAI)
 */
public record AnswerTerms(String id, String model, long createdEpochSecond, boolean includeUsage) {}
