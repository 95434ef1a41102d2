import { BrokenReply, ServiceRefusal, ServiceUnreachable } from "./errors.js";
import { Fields } from "./fields.js";
import { FRAMES, FrameReader, framesBody, readJson } from "./frames.js";

const RETRY_SECONDS_MAX = 3600;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * The HTTP side: requests with the project's token, refusals as errors, replies within bounds of size and time. Redirects are not
 * followed, since ciphertexts and the token would go with them.
 */
export class Service {
  #base;
  #token;
  #fetch;
  #timeoutMs;

  /**
   * @param {object} options
   * @param {string | URL} options.baseUrl
   * @param {string | (() => string | Promise<string>)} options.token
   * @param {typeof fetch} options.fetch
   * @param {boolean} options.allowHttp
   * @param {number} options.timeoutMs of a whole call but an upload
   */
  constructor({ baseUrl, token, fetch, allowHttp, timeoutMs }) {
    const base = new URL(baseUrl);
    if (base.username || base.password || base.search || base.hash) {
      throw new TypeError("baseUrl has a name, a query or a fragment; allowed are scheme, host, port and path");
    }
    if (base.protocol !== "https:" && !(base.protocol === "http:" && (allowHttp || LOOPBACK.has(base.hostname)))) {
      throw new TypeError(`the token would go to ${base.host} over ${base.protocol} allowed are https:, and http: on this machine or with allowHttp`);
    }
    this.#base = base.href.replace(/\/+$/, "");
    this.#token = typeof token === "function" ? token : () => token;
    this.#fetch = fetch;
    this.#timeoutMs = timeoutMs;
  }

  /** @returns {Promise<Fields>} the JSON object of an answer */
  get(path, signal) {
    return this.#json("GET", path, {}, signal);
  }

  post(path, body, signal) {
    return this.#json("POST", path, { body: JSON.stringify(body), type: "application/json" }, signal);
  }

  /** Uploads bytes, which takes its own time. */
  put(path, body, timeoutMs, signal) {
    return this.#json("PUT", path, { body, type: "application/octet-stream", timeoutMs }, signal);
  }

  async delete(path, signal) {
    const { response } = await this.#exchange("DELETE", path, {}, signal);
    await response.body?.cancel();
  }

  /**
   * Asks with frames.
   *
   * @returns {Promise<FramesReply>} to be closed
   */
  async frames(path, head, ciphertexts, signal) {
    const { response, faults } = await this.#exchange("POST", path, { body: framesBody(head, ciphertexts), type: FRAMES }, signal);
    const type = response.headers.get("content-type");
    if (type !== FRAMES || response.body === null) {
      await response.body?.cancel();
      throw new BrokenReply(`${path} answered with the media type ${type}; allowed is ${FRAMES}`);
    }
    return new FramesReply(new FrameReader(response.body), faults);
  }

  async #json(method, path, request, signal) {
    const { response, faults } = await this.#exchange(method, path, request, signal);
    return new Fields(await faults(readJson(response.body, `the answer to ${method} ${path}`)), `the answer to ${method} ${path}`);
  }

  async #exchange(method, path, { body, type, timeoutMs = this.#timeoutMs }, signal) {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(timeoutMs);
    const faults = (reading) => reading.catch((fault) => this.#fault(fault, `${method} ${path}`, signal, timeout, timeoutMs));
    const headers = { authorization: `Bearer ${await this.#token()}`, accept: `application/json, ${FRAMES}` };
    if (type !== undefined) {
      headers["content-type"] = type;
    }
    const response = await faults(
      this.#fetch(this.#base + path, {
        method,
        headers,
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      }),
    );
    if (!response.ok) {
      throw await faults(refusal(response, `${method} ${path}`));
    }
    return { response, faults };
  }

  #fault(fault, what, signal, timeout, timeoutMs) {
    if (fault instanceof ServiceRefusal || fault instanceof BrokenReply) {
      throw fault;
    }
    if (signal?.aborted) {
      throw signal.reason;
    }
    if (timeout.aborted) {
      throw new ServiceUnreachable(`${what}: no whole answer within ${timeoutMs} ms`, { cause: fault });
    }
    throw new ServiceUnreachable(`${what}: ${fault?.cause?.message ?? fault?.message}`, { cause: fault });
  }
}

/** A reply of frames; what breaks its connection is thrown as this package's errors. */
class FramesReply {
  #reader;
  #faults;

  constructor(reader, faults) {
    this.#reader = reader;
    this.#faults = faults;
  }

  async head() {
    return new Fields(await this.#faults(this.#reader.head()), "the reply");
  }

  ciphertext(bytes) {
    return this.#faults(this.#reader.ciphertext(bytes));
  }

  end() {
    return this.#faults(this.#reader.end());
  }

  close() {
    return this.#reader.close();
  }
}

async function refusal(response, what) {
  let error;
  try {
    error = new Fields(await readJson(response.body, "an error"), "an error").object("error");
  } catch (unreadable) {
    if (unreadable instanceof BrokenReply) {
      return new BrokenReply(`${what} was answered with ${response.status} and no reason that can be read`, { cause: unreadable });
    }
    throw unreadable;
  }
  const retryAfter = response.headers.get("retry-after") ?? "";
  return ServiceRefusal.of(response.status, error.text("code"), error.text("message"), {
    retryAfterSeconds: /^[0-9]{1,9}$/.test(retryAfter) ? Math.min(Number(retryAfter), RETRY_SECONDS_MAX) : undefined,
    requestId: response.headers.get("x-request-id") ?? undefined,
  });
}
