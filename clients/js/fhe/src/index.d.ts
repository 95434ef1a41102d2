/** The parameter sets that the service offers and this client insists on. */
export type PresetName = "S12" | "S13" | "S14";

export interface Preset {
  readonly name: PresetName;
  /** N; half as many numbers fit into a ciphertext. */
  readonly degree: number;
  readonly primes: readonly bigint[];
  readonly specialPrime: bigint;
  /** The scale of fresh ciphertexts. */
  readonly scale: number;
  readonly keyParmsId: string;
  readonly parmsIds: readonly string[];
}

export const PRESETS: Readonly<Record<PresetName, Preset>>;

/** A value of a circuit. */
export interface Value {
  readonly index: number;
  readonly level: number;
  readonly scale: number;
  /** 2, or 3 between a product and its relinearisation. */
  readonly polynomials: 2 | 3;
}

/** Operations that the service is to do. What does not fit throws RangeError, before anything is encrypted. */
export class Circuit {
  constructor(preset: PresetName);
  readonly preset: PresetName;
  input(): Value;
  add(a: Value, b: Value): Value;
  subtract(a: Value, b: Value): Value;
  negate(a: Value): Value;
  multiply(a: Value, b: Value): Value;
  square(a: Value): Value;
  relinearise(a: Value): Value;
  rescale(a: Value): Value;
  lower(a: Value, level: number): Value;
  rotate(a: Value, by: number): Value;
  conjugate(a: Value): Value;
  output(value: Value): this;
}

export interface FheClientOptions {
  /** Of fhe-service, such as `https://fhe.example:8090`. */
  baseUrl: string | URL;
  /** Of the project. */
  token: string | (() => string | Promise<string>);
  /** An initialised node-seal, 6 or 7. */
  seal: object;
  /** S13 where it is left out. */
  preset?: PresetName;
  fetch?: typeof globalThis.fetch;
  /** Lets the token go to another machine without TLS. */
  allowHttp?: boolean;
  /** Of a whole call but an upload of keys; 120,000 where it is left out. */
  timeoutMs?: number;
  /** How long before their end keys are replaced; an hour where it is left out. */
  renewBeforeMs?: number;
  /** How long keys serve at most, whatever the service allows; 24 hours where it is left out. */
  keyLifeMaxMs?: number;
  /** What `exportSecretUnencrypted` gave, for the first keys. */
  secretKey?: Uint8Array;
  /** The clock, in milliseconds. */
  now?: () => number;
}

export interface CallOptions {
  signal?: AbortSignal;
}

export interface ComputeOptions extends CallOptions {
  /** After which the service gives up, from the end of the request. */
  deadlineMs?: number;
}

/** What the service says of a head. */
export interface Head {
  readonly version: number;
  readonly input: number;
  readonly outputs: number;
  readonly labels: readonly string[];
}

/** What the service says of an index. */
export interface Index {
  readonly version: number;
  readonly rows: number;
  readonly dimension: number;
  /** How many ciphertexts a query has. */
  readonly pieces: number;
  /** How many ciphertexts a reply has. */
  readonly blocks: number;
  readonly rowsPerBlock: number;
}

export interface Hit {
  readonly row: number;
  readonly score: number;
}

/** Decrypted scores. Share decisions or rounded numbers, never these: they hold the noise of their ciphertext. */
export class HeadScores {
  readonly values: Float64Array;
  readonly labels: readonly string[];
  best(): number;
  label(): string | undefined;
  softmax(): Float64Array;
}

export class FheClient {
  constructor(options: FheClientOptions);
  readonly preset: PresetName;
  readonly sessionId: string | undefined;
  circuit(): Circuit;
  ops(circuit: Circuit, inputs: ArrayLike<number>[], options?: ComputeOptions): Promise<Float64Array[]>;
  opsStream(circuit: Circuit, inputs: ArrayLike<number>[], options?: ComputeOptions): AsyncGenerator<Float64Array, void, void>;
  head(name: string, options?: CallOptions): Promise<Head>;
  infer(name: string, embedding: ArrayLike<number>, options?: ComputeOptions): Promise<HeadScores>;
  index(name: string, options?: CallOptions): Promise<Index>;
  search(name: string, embedding: ArrayLike<number>, k: number, options?: ComputeOptions): Promise<Hit[]>;
  renew(options?: CallOptions): Promise<void>;
  /** The secret key in force, NOT encrypted. Whoever gets these bytes reads everything that is encrypted with it. */
  exportSecretUnencrypted(options?: CallOptions): Promise<Uint8Array>;
  close(): Promise<void>;
}

export class FheError extends Error {}
export class ServiceUnreachable extends FheError {}
export class BrokenReply extends FheError {}
export class ParameterMismatch extends FheError {}
export class ServiceRefusal extends FheError {
  /** Of HTTP; 0 where the refusal came as a frame. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;
}
export class KeyEpochExpired extends ServiceRefusal {}
export class NotFound extends ServiceRefusal {}
export class Overloaded extends ServiceRefusal {}
export class PrivacyBudgetExhausted extends ServiceRefusal {}
