// What every suite here reads from its environment.
//
//   LG_UI_URL            root of the listener that serves the web interface, the management API and the API
//   LG_MANAGEMENT_TOKEN  the management token
//   LG_PROVIDER_KEY      the key that the provider behind the gateway takes for OpenAI
//   LG_MODEL             a model of that provider; LG_MODEL + "+status=500" is one whose requests it fails
//   LG_CHROMIUM          the browser's program
//   LG_SCREENSHOTS       folder in which pictures of every page are left
import { mkdirSync } from 'node:fs';

/** How long an answer may take. */
const PATIENCE_MS = 15_000;

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}; settings.mjs says what it is`);
  return value;
};

export const root = () => required('LG_UI_URL').replace(/\/+$/, '');
export const managementToken = () => required('LG_MANAGEMENT_TOKEN');
export const providerKey = () => required('LG_PROVIDER_KEY');
export const model = () => required('LG_MODEL');
export const chromiumPath = () => required('LG_CHROMIUM');

/** A file for a picture of that name. */
export function screenshotFile(name) {
  const folder = required('LG_SCREENSHOTS');
  mkdirSync(folder, { recursive: true });
  return `${folder}/${name}.png`;
}

/** One call of the management API as a program makes it, with the management token. */
export async function manage(method, path, body) {
  const reply = await fetch(root() + path, {
    method,
    headers: { Authorization: `Bearer ${managementToken()}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path} answered ${reply.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** What the server answers to a request with these cookies and headers, without a browser between. */
export const withCookies = (cookies, path, { headers, ...call } = {}) => fetch(root() + path, {
  ...call, signal: AbortSignal.timeout(PATIENCE_MS), headers: { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '), ...headers } });

/** Polls `attempt` until it yields something truthy; fails after `deadlineMs`. */
export async function eventually(what, attempt, deadlineMs = 10_000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await attempt();
    if (value) return value;
    if (Date.now() >= end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
