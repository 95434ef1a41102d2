// What every suite here reads from its environment.
//
//   LG_BASE_URL      root of the server under test, without /v1                      (required)
//   LG_TOKEN         credential that the client sends                                (required except for relay.test.mjs)
//   LG_MODEL         model for chat; LG_MODEL + "+status=429" must reach a FakeProvider
//   LG_FEATURES      comma list of what the server under test offers besides chat and messages:
//                    embeddings, completions, models, responses, kept_responses, count_tokens, rerank, thinking
//                    (default: these); bedrock.test.mjs also reasoning
//   LG_PROVIDER      agentary.test.mjs: the provider in the path                    (default openai)
//   LG_EMBEDDING_MODEL gemini.test.mjs, cohere.test.mjs: model for embeddings    (default gemini-embedding-001, embed-v4.0)
//   LG_WRONG_TOKEN   a credential that the server must refuse with 401; without it none is sent in that test; optional
//   LG_PROVIDER_URL  root of the FakeProvider behind the server under test, for GET /__requests; optional
//   LG_DIRECT_URL, LG_DIRECT_KEY   bytes.mjs: the provider itself and its key
//   LG_DIALECT       bytes.mjs: openai, anthropic, gemini or cohere             (default openai)
//   LG_IGNORE_HEADERS bytes.mjs: more response headers that the server may add, comma list
//   LG_AWS_KEY       bedrock.test.mjs: ID:SECRET to sign with, where the server is the provider itself; optional
//   LG_VAULT_KEY     relay.test.mjs: the provider key that is stored                 (default sk-relay-test-key)
import assert from 'node:assert/strict';

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}; settings.mjs says what it is`);
  return value;
};

export const baseUrl = () => required('LG_BASE_URL').replace(/\/+$/, '');
export const token = () => required('LG_TOKEN');
export const model = (standard) => process.env.LG_MODEL ?? standard;
export const providerUrl = () => process.env.LG_PROVIDER_URL?.replace(/\/+$/, '');
export const environment = (name, standard) => process.env[name] ?? standard;

const features = (process.env.LG_FEATURES ?? 'embeddings,completions,models,responses,kept_responses,count_tokens,rerank,thinking').split(',');
export const offers = (feature) => features.includes(feature);

/** The requests that the FakeProvider recorded and that `matches` selects, oldest first. */
export async function recorded(matches) {
  const reply = await fetch(`${providerUrl()}/__requests?limit=1000`);
  assert.equal(reply.status, 200);
  return (await reply.json()).requests.filter(matches);
}

/** Polls `attempt` until it yields something truthy; fails after `deadlineMs`. */
export async function eventually(what, attempt, deadlineMs = 5000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await attempt();
    if (value) return value;
    assert.ok(Date.now() < end, `waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A word that marks this run's requests among all that a provider recorded. */
export const mark = () => `mark${process.hrtime.bigint().toString(36)}`;
