export { Circuit } from "./circuit.js";
export { FheClient } from "./client.js";
export {
  BrokenReply,
  FheError,
  KeyEpochExpired,
  NotFound,
  Overloaded,
  ParameterMismatch,
  PrivacyBudgetExhausted,
  ServiceRefusal,
  ServiceUnreachable,
} from "./errors.js";
export { HeadScores } from "./heads.js";
export { PRESETS } from "./presets.js";
