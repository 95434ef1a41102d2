import { BrokenReply, KeyEpochExpired, NotFound, Overloaded, ParameterMismatch, ServiceRefusal, ServiceUnreachable } from "./errors.js";
import { hex } from "./containers.js";
import { conjugationElement } from "./presets.js";

const PATH = "/v1/fhe/sessions";
const UPLOAD_TIMEOUT_MS = 30 * 60_000;

/**
 * The keys of a client at the service, and their renewal. The first computation makes a session there and uploads the evaluation keys
 * that it needs; later ones add what they need besides. Before the keys expire, and at the latest when the service says that they
 * have, a session with new keys takes the place of the old one; what runs under the old keys meanwhile ends under them.
 */
export class Sessions {
  #service;
  #scheme;
  #renewBeforeMs;
  #keyLifeMaxMs;
  #now;
  #imported;
  #current;
  #earlier = [];
  #wanted = { relin: false, publicKey: false, elements: new Set() };
  #turn = Promise.resolve();
  #closed = false;

  /**
   * @param {object} parts
   * @param {import("./service.js").Service} parts.service
   * @param {import("./scheme.js").Scheme} parts.scheme
   * @param {number} parts.renewBeforeMs how long before they expire keys are renewed; at most half of their life
   * @param {number} parts.keyLifeMaxMs how long keys serve at most, whatever the service says
   * @param {() => number} parts.now milliseconds of a clock
   * @param {Uint8Array} [parts.secretKey] that of the first session
   */
  constructor({ service, scheme, renewBeforeMs, keyLifeMaxMs, now, secretKey }) {
    this.#service = service;
    this.#scheme = scheme;
    this.#renewBeforeMs = renewBeforeMs;
    this.#keyLifeMaxMs = keyLifeMaxMs;
    this.#now = now;
    this.#imported = secretKey;
  }

  /** The service's name of the session in force. */
  get id() {
    return this.#current?.id;
  }

  /**
   * Begins work under keys that suffice for it, and once more under fresh ones where the service took them for expired.
   *
   * @template T
   * @param {import("./circuit.js").KeyNeeds} needs
   * @param {AbortSignal | undefined} signal
   * @param {(epoch: KeyEpoch) => Promise<T>} begin
   * @returns {Promise<{epoch: KeyEpoch, begun: T}>} an epoch to be left when the work is done
   */
  async under(needs, signal, begin) {
    const epoch = await this.#enter(needs, signal);
    try {
      return { epoch, begun: await begin(epoch) };
    } catch (fault) {
      epoch.leave();
      if (!(await this.#isExpired(epoch, fault, signal))) {
        throw fault;
      }
    }
    epoch.expire();
    const fresh = await this.#enter(needs, signal);
    try {
      return { epoch: fresh, begun: await begin(fresh) };
    } catch (fault) {
      fresh.leave();
      throw fault;
    }
  }

  /** Replaces the keys now, also where they are not yet due. */
  renew(signal) {
    return this.#inTurn(signal, () => this.#replace(signal));
  }

  /** The secret key in force, in the clear. */
  exportSecret(signal) {
    return this.#inTurn(signal, async () => (this.#current ?? (await this.#replace(signal))).keys.export());
  }

  /** Deletes the session at the service, and the keys when the last of what runs has ended. */
  close() {
    return this.#inTurn(undefined, async () => {
      this.#closed = true;
      const last = this.#current;
      this.#current = undefined;
      this.#earlier.splice(0).forEach((epoch) => epoch.retire());
      if (last !== undefined) {
        last.retire();
        await this.#deleteQuietly(last.id);
      }
    });
  }

  /** Runs tasks one after the other: keys are made once, and who needs them waits. */
  async #inTurn(signal, task) {
    const before = this.#turn;
    let pass;
    const passed = new Promise((resolve) => (pass = resolve));
    this.#turn = before.then(() => passed);
    try {
      await unlessAborted(before, signal);
      if (this.#closed) {
        throw new TypeError("the client is closed");
      }
      return await task();
    } finally {
      pass();
    }
  }

  #enter(needs, signal) {
    return this.#inTurn(signal, async () => {
      this.#wanted = {
        relin: this.#wanted.relin || needs.relin,
        publicKey: this.#wanted.publicKey || needs.publicKey,
        elements: new Set([...this.#wanted.elements, ...needs.elements]),
      };
      let epoch = this.#current;
      if (epoch === undefined) {
        epoch = await this.#replace(signal);
      } else if (epoch.isDue(this.#now())) {
        epoch = await this.#replaceInTime(epoch, signal);
      }
      try {
        await this.#upload(epoch, signal);
      } catch (fault) {
        if (!(fault instanceof KeyEpochExpired || fault instanceof NotFound)) {
          throw fault;
        }
        epoch = await this.#replace(signal);
      }
      epoch.enter();
      return epoch;
    });
  }

  /** Keys that are due but not yet expired serve on where the service has no room for their successors. */
  async #replaceInTime(epoch, signal) {
    try {
      return await this.#replace(signal);
    } catch (fault) {
      if (epoch.isOver(this.#now()) || !(fault instanceof Overloaded || fault instanceof ServiceUnreachable)) {
        throw fault;
      }
      return epoch;
    }
  }

  async #isExpired(epoch, fault, signal) {
    if (fault instanceof KeyEpochExpired) {
      return true;
    }
    if (!(fault instanceof NotFound)) {
      return false;
    }
    try {
      await this.#service.get(`${PATH}/${epoch.id}`, signal);
      return false;
    } catch (gone) {
      return gone instanceof NotFound || gone instanceof KeyEpochExpired;
    }
  }

  /** Makes the next session and uploads its keys, and only then lets it take the old one's place. */
  async #replace(signal) {
    await this.#requireParameters(signal);
    const old = this.#current;
    const keys = this.#scheme.keys(this.#imported);
    let next;
    try {
      next = this.#epoch(await this.#create(old, signal), keys);
      old?.expire();
      await this.#upload(next, signal);
    } catch (fault) {
      keys.destroy();
      if (next !== undefined) {
        await this.#deleteQuietly(next.id);
      }
      throw fault;
    }
    this.#imported = undefined;
    this.#current = next;
    if (old !== undefined) {
      this.#earlier.push(old);
    }
    const now = this.#now();
    this.#earlier.filter((epoch) => epoch.isOver(now)).forEach((epoch) => epoch.retire());
    this.#earlier = this.#earlier.filter((epoch) => !epoch.isOver(now));
    return next;
  }

  async #requireParameters(signal) {
    const { preset } = this.#scheme;
    const params = await this.#service.get(`/v1/fhe/params/${preset.name}`, signal);
    const levels = params.objects("level_parms").map((level) => [level.integer("level", 0, 255), level.text("parms_id")]);
    const compared = [
      ["degree", params.integer("degree", 1, 2 ** 20), preset.degree],
      ["scale", params.number("scale"), preset.scale],
      ["primes", params.texts("primes"), preset.primes.map(String)],
      ["special_primes", params.texts("special_primes"), [String(preset.specialPrime)]],
      ["key_parms_id", params.text("key_parms_id"), preset.keyParmsId],
      ["level_parms", levels, preset.parmsIds.map((id, level) => [level, id])],
    ];
    for (const [field, given, wanted] of compared) {
      if (JSON.stringify(given) !== JSON.stringify(wanted)) {
        throw new ParameterMismatch(
          `the service's ${preset.name} has ${field} ${JSON.stringify(given)}; this client insists on ${JSON.stringify(wanted)}`,
        );
      }
    }
  }

  async #create(replaced, signal) {
    const wish = { preset: this.#scheme.preset.name };
    if (replaced !== undefined) {
      try {
        return await this.#service.post(PATH, { ...wish, replaces: replaced.id }, signal);
      } catch (fault) {
        if (!(fault instanceof NotFound || fault instanceof KeyEpochExpired)) {
          throw fault;
        }
      }
    }
    return this.#service.post(PATH, wish, signal);
  }

  /** Lifetimes are measured by the service's clock and count from now by this machine's. */
  #epoch(session, keys) {
    const name = session.text("preset");
    if (name !== this.#scheme.preset.name) {
      throw new BrokenReply(`a session of ${name} for ${this.#scheme.preset.name}`);
    }
    const created = session.instant("created_at");
    const stated = session.instant("expires_at") - created;
    const grace = session.instant("grace_until") - created - stated;
    if (stated <= 0 || grace < 0) {
      throw new BrokenReply("a session that has expired before it began");
    }
    const life = Math.min(stated, this.#keyLifeMaxMs);
    const now = this.#now();
    return new KeyEpoch(
      session.matching("id", /^[0-9a-f]{32}$/),
      keys,
      now + life - Math.min(this.#renewBeforeMs, life / 2),
      now + Math.min(stated + grace, this.#keyLifeMaxMs),
    );
  }

  /** Uploads what is wanted and not yet there. */
  async #upload(epoch, signal) {
    const wanted = this.#wanted;
    if (wanted.relin && !epoch.uploaded.relin) {
      await this.#put(epoch, "relin", epoch.keys.relin(), signal);
      epoch.uploaded = { ...epoch.uploaded, relin: true };
    }
    if (wanted.publicKey && !epoch.uploaded.publicKey) {
      await this.#put(epoch, "public", epoch.keys.public(), signal);
      epoch.uploaded = { ...epoch.uploaded, publicKey: true };
    }
    if ([...wanted.elements].some((element) => !epoch.uploaded.elements.has(element))) {
      const elements = [...wanted.elements].sort((a, b) => a - b);
      const put = await this.#put(epoch, "galois", epoch.keys.galois(elements), signal);
      const stored = new Set(put.integers("elements", 3, conjugationElement(this.#scheme.preset)));
      if (elements.some((element) => !stored.has(element))) {
        throw new BrokenReply(`the service has stored Galois keys of [${[...stored]}]; sent were [${elements}]`);
      }
      epoch.uploaded = { ...epoch.uploaded, elements: new Set(elements) };
    }
  }

  async #put(epoch, kind, container, signal) {
    const digest = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", container)));
    const put = await this.#service.put(`${PATH}/${epoch.id}/keys/${kind}`, container, UPLOAD_TIMEOUT_MS, signal);
    if (put.text("sha256") !== digest) {
      throw new BrokenReply(`the service has stored other ${kind} keys than were sent`);
    }
    return put;
  }

  /** A session that cannot be deleted expires by itself. */
  async #deleteQuietly(id) {
    try {
      await this.#service.delete(`${PATH}/${id}`);
    } catch (fault) {
      if (!(fault instanceof ServiceRefusal || fault instanceof ServiceUnreachable || fault instanceof BrokenReply)) {
        throw fault;
      }
    }
  }
}

/** Waits for a promise that is never rejected, but not for longer than until the signal. */
function unlessAborted(promise, signal) {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal?.addEventListener("abort", aborted, { once: true });
    promise.then(() => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
  });
}

/** One session and its keys, which live until nobody needs them any more. */
class KeyEpoch {
  #renewAt;
  #overAt;
  #users = 0;
  #retired = false;

  constructor(id, keys, renewAt, overAt) {
    this.id = id;
    this.keys = keys;
    this.uploaded = { relin: false, publicKey: false, elements: new Set() };
    this.#renewAt = renewAt;
    this.#overAt = overAt;
  }

  isDue(now) {
    return now >= this.#renewAt;
  }

  /** Whether the service computes under these keys no longer. */
  isOver(now) {
    return now >= this.#overAt;
  }

  /** Has the keys replaced when they are needed next. */
  expire() {
    this.#renewAt = -Infinity;
  }

  enter() {
    this.#users++;
  }

  leave() {
    this.#users--;
    this.#free();
  }

  /** Destroys the keys as soon as nobody uses them. */
  retire() {
    this.#retired = true;
    this.#free();
  }

  #free() {
    if (this.#retired && this.#users === 0 && this.keys !== undefined) {
      this.keys.destroy();
      this.keys = undefined;
    }
  }
}
