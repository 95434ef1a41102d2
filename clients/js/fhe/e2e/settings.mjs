// What the suites here share: LG_FHE_URL and LG_TOKEN name the service.
import assert from "node:assert/strict";

export const { LG_FHE_URL: baseUrl, LG_TOKEN: token } = process.env;

/** Asks the service, by a way of its own. */
export async function ask(path, method = "GET", body = undefined, type = "application/json", more = {}) {
  const headers = { authorization: `Bearer ${token}`, "content-type": type, ...more };
  const bytes = body === undefined || ArrayBuffer.isView(body) ? body : JSON.stringify(body);
  const response = await fetch(baseUrl + path, { method, headers, body: bytes });
  return response.status === 204 ? undefined : response.json();
}

/** A generator of numbers in [-1, 1) that is the same in every run. */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function unit(random, length) {
  const vector = Float32Array.from({ length }, random);
  const norm = Math.hypot(...vector);
  return vector.map((component) => component / norm);
}

export const inner = (a, b) => a.reduce((sum, component, i) => sum + component * b[i], 0);

export function near(actual, expected, most) {
  assert.ok(Math.abs(actual - expected) <= most, `${actual}, not ${expected} up to ${most}`);
}
