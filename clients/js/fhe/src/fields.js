import { BrokenReply } from "./errors.js";

/** The fields of a reply that a client needs. One that is missing or of another kind breaks the reply. */
export class Fields {
  #value;
  #where;

  /**
   * @param {unknown} value
   * @param {string} where names the reply in messages
   */
  constructor(value, where) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new BrokenReply(`${where} is no JSON object`);
    }
    this.#value = value;
    this.#where = where;
  }

  #field(name, wanted, holds) {
    const field = Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
    if (!holds(field)) {
      throw new BrokenReply(`${this.#where} has no field ${name} that is ${wanted}`);
    }
    return field;
  }

  text(name) {
    return this.#field(name, "a text", (field) => typeof field === "string");
  }

  /** A text that matches a pattern. */
  matching(name, pattern) {
    return this.#field(name, `a text like ${pattern.source}`, (field) => typeof field === "string" && pattern.test(field));
  }

  texts(name) {
    return this.#field(name, "a list of texts", (field) => Array.isArray(field) && field.every((one) => typeof one === "string"));
  }

  integer(name, least, most) {
    return this.#field(name, `an integer from ${least} to ${most}`, (field) => isInteger(field, least, most));
  }

  integers(name, least, most) {
    return this.#field(
      name,
      `a list of integers from ${least} to ${most}`,
      (field) => Array.isArray(field) && field.every((one) => isInteger(one, least, most)),
    );
  }

  number(name) {
    return this.#field(name, "a finite number", Number.isFinite);
  }

  flag(name) {
    return this.#field(name, "true or false", (field) => typeof field === "boolean");
  }

  /** Milliseconds since 1970 of a time such as 2026-01-01T00:00:00Z. */
  instant(name) {
    return Date.parse(
      this.#field(name, "a time such as 2026-01-01T00:00:00Z", (field) => typeof field === "string" && !Number.isNaN(Date.parse(field))),
    );
  }

  object(name) {
    return new Fields(
      this.#field(name, "an object", (field) => typeof field === "object" && field !== null),
      `${this.#where}, ${name}`,
    );
  }

  objects(name) {
    return this.#field(name, "a list", Array.isArray).map((one) => new Fields(one, `${this.#where}, ${name}`));
  }
}

const isInteger = (value, least, most) => Number.isSafeInteger(value) && value >= least && value <= most;
