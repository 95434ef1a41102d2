/** What this package throws, but for TypeError and RangeError about a caller's own arguments and the reason of an aborted signal. */
export class FheError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The service cannot be reached, did not answer in time, or the connection broke. */
export class ServiceUnreachable extends FheError {}

/** A reply that is incomplete, longer than it may be, or not what was asked for. Nothing of it is used. */
export class BrokenReply extends FheError {}

/** The service's parameters of encryption are not those that are compiled into this client. */
export class ParameterMismatch extends FheError {}

/** The service refused a request and said why. Codes that a program acts on have a subclass. */
export class ServiceRefusal extends FheError {
  /**
   * @param {number} status of HTTP; 0 where the refusal came as a frame of a reply that had begun
   * @param {string} code the service's name of the reason, such as `quota_exceeded`
   * @param {string} detail the service's sentence
   * @param {{retryAfterSeconds?: number, requestId?: string}} [more]
   */
  constructor(status, code, detail, { retryAfterSeconds, requestId } = {}) {
    super(`the service refused: ${code}${status === 0 ? "" : ` (${status})`}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = retryAfterSeconds;
    this.requestId = requestId;
  }

  /** The refusal of a code's class. */
  static of(status, code, detail, more) {
    const Kind = KINDS.get(code) ?? ServiceRefusal;
    return new Kind(status, code, detail, more);
  }
}

/** The keys at the service have expired. The client makes new ones by itself; this shows when that did not help. */
export class KeyEpochExpired extends ServiceRefusal {}

/** There is nothing of that name, or it is another project's. */
export class NotFound extends ServiceRefusal {}

/** The service has no room now; `retryAfterSeconds` says when to try again, where the service does. */
export class Overloaded extends ServiceRefusal {}

/** The privacy budget of an index is spent. */
export class PrivacyBudgetExhausted extends ServiceRefusal {}

const KINDS = new Map([
  ["key_epoch_expired", KeyEpochExpired],
  ["not_found", NotFound],
  ["overloaded", Overloaded],
  ["rate_limit_exceeded", Overloaded],
  ["store_unavailable", Overloaded],
  ["privacy_budget_exhausted", PrivacyBudgetExhausted],
]);
