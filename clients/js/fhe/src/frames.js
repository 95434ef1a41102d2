import { BrokenReply, ServiceRefusal } from "./errors.js";

/** The media type of bodies that mix JSON and SEAL containers. */
export const FRAMES = "application/vnd.latticegate.frames";

/** The longest JSON frame that is read, in bytes. */
export const JSON_BYTES_MAX = 1 << 20;

const HEAD_BYTES = 8;
const Type = Object.freeze({ JSON: 1, CIPHERTEXT: 2, END: 3, ERROR: 4 });

/**
 * A request: one JSON frame and its ciphertexts.
 *
 * @param {object} head
 * @param {Uint8Array[]} ciphertexts
 */
export function framesBody(head, ciphertexts) {
  const parts = [];
  const frame = (type, payload) => parts.push(frameHead(type, payload.length), payload);
  frame(Type.JSON, new TextEncoder().encode(JSON.stringify(head)));
  ciphertexts.forEach((ciphertext) => frame(Type.CIPHERTEXT, ciphertext));
  return new Blob(parts, { type: FRAMES });
}

function frameHead(type, length) {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  view.setUint8(0, type);
  view.setUint32(4, length, true);
  return head;
}

/**
 * Reads a reply frame by frame while it arrives: one JSON frame, ciphertexts, and an end that says how many frames came before it.
 * A reply that ends otherwise is incomplete, and one that goes on behind its end is refused. A length is compared with what is
 * allowed before anything is kept.
 */
export class FrameReader {
  #bytes;
  #frames = 0;

  /** @param {ReadableStream<Uint8Array>} stream */
  constructor(stream) {
    this.#bytes = new ByteQueue(stream);
  }

  /**
   * The JSON frame with which a reply begins.
   *
   * @returns {Promise<unknown>}
   * @throws {ServiceRefusal} where the reply is an error
   */
  async head() {
    const { type, length } = await this.#frame();
    if (type !== Type.JSON) {
      throw new BrokenReply(`a reply begins with a frame of type ${type}; allowed are 1, JSON, and 4, an error`);
    }
    this.#frames++;
    return this.#json(length);
  }

  /**
   * The next ciphertext, which has exactly this many bytes.
   *
   * @param {number} bytes
   * @returns {Promise<Uint8Array>}
   * @throws {ServiceRefusal} where the service gave up
   */
  async ciphertext(bytes) {
    const { type, length } = await this.#frame();
    if (type === Type.END) {
      throw new BrokenReply(`the reply ends behind ${this.#frames} frames; a ciphertext is missing`);
    }
    if (type !== Type.CIPHERTEXT || length !== bytes) {
      throw new BrokenReply(
        `frame ${this.#frames} of a reply has type ${type} and ${length} bytes; allowed is type 2, a ciphertext, of ${bytes} bytes`,
      );
    }
    const container = await this.#payload(length);
    this.#frames++;
    return container;
  }

  /** Reads the end, behind which nothing follows. */
  async end() {
    const { type, length } = await this.#frame();
    if (type !== Type.END) {
      throw new BrokenReply(`frame ${this.#frames} of a reply has type ${type}; allowed there is 3, the end`);
    }
    const end = await this.#json(length);
    if (end?.frames !== this.#frames) {
      throw new BrokenReply(`the end of a reply counts ${end?.frames} frames; ${this.#frames} came before it`);
    }
    if (!(await this.#bytes.atEnd())) {
      throw new BrokenReply("something follows the end of a reply");
    }
  }

  /** Lets go of the reply. Where it has not ended, the service learns that nobody listens any more. */
  async close() {
    await this.#bytes.cancel();
  }

  async #frame() {
    const head = await this.#bytes.take(HEAD_BYTES);
    if (head === undefined) {
      throw new BrokenReply(`the reply is incomplete: it stops behind ${this.#frames} frames without its end`);
    }
    const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
    const type = view.getUint32(0, true);
    const length = view.getUint32(4, true);
    if (type === Type.ERROR) {
      const { code, message } = (await this.#json(length))?.error ?? {};
      throw ServiceRefusal.of(0, String(code ?? "unknown"), String(message ?? ""));
    }
    return { type, length };
  }

  async #json(length) {
    if (length > JSON_BYTES_MAX) {
      throw new BrokenReply(`a JSON frame of ${length} bytes; allowed are ${JSON_BYTES_MAX}`);
    }
    return parseJson(await this.#payload(length), `frame ${this.#frames} of a reply`);
  }

  async #payload(length) {
    const payload = await this.#bytes.take(length);
    if (payload === undefined) {
      throw new BrokenReply(`the reply is incomplete: it stops inside frame ${this.#frames}, of ${length} bytes`);
    }
    return payload;
  }
}

/**
 * Reads a whole body of JSON.
 *
 * @param {ReadableStream<Uint8Array> | null} stream
 * @param {string} where names the reply in messages
 */
export async function readJson(stream, where) {
  if (stream === null) {
    throw new BrokenReply(`${where} is empty; it is JSON`);
  }
  const bytes = new ByteQueue(stream);
  try {
    return parseJson(await bytes.rest(JSON_BYTES_MAX, where), where);
  } finally {
    await bytes.cancel();
  }
}

function parseJson(bytes, where) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (malformed) {
    throw new BrokenReply(`${where} is no JSON`, { cause: malformed });
  }
}

/** The bytes of a stream, in pieces of any length. */
class ByteQueue {
  #reader;
  #chunks = [];
  #length = 0;

  constructor(stream) {
    this.#reader = stream.getReader();
  }

  async #fill() {
    const { done, value } = await this.#reader.read();
    if (!done && value.length > 0) {
      this.#chunks.push(value);
      this.#length += value.length;
    }
    return !done;
  }

  /** Exactly this many bytes, or undefined where the stream ends before. */
  async take(length) {
    while (this.#length < length) {
      if (!(await this.#fill())) {
        return undefined;
      }
    }
    return this.#remove(length);
  }

  #remove(length) {
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const chunk = this.#chunks[0].subarray(0, length - filled);
      taken.set(chunk, filled);
      filled += chunk.length;
      if (chunk.length === this.#chunks[0].length) {
        this.#chunks.shift();
      } else {
        this.#chunks[0] = this.#chunks[0].subarray(chunk.length);
      }
    }
    this.#length -= length;
    return taken;
  }

  async rest(bytesMax, where) {
    while (await this.#fill()) {
      if (this.#length > bytesMax) {
        throw new BrokenReply(`${where} has more than ${bytesMax} bytes`);
      }
    }
    return this.#remove(this.#length);
  }

  async atEnd() {
    return (await this.take(1)) === undefined;
  }

  async cancel() {
    // A stream that has broken has nobody to tell, and its fault was thrown where it was read.
    await this.#reader.cancel().catch(() => undefined);
  }
}
