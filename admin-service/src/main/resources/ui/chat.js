/** One chat completion over OpenAI's API at this page's own origin, streamed. The token is given with each call and kept nowhere. */
import { events } from './eventstream.js';

/** An answer that is no stream, or a stream that says that it failed. */
export class ChatError extends Error {
  constructor(message, { status = 0, code = '', requestId = '' } = {}) {
    super(message);
    this.name = 'ChatError';
    this.error = message;
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
}

/**
 * Asks and tells the answer as it comes.
 *
 * @param {{token: string, body: object, signal: AbortSignal, onText: (text: string) => void}} call
 * @returns {Promise<{requestId: string, usage: object?, finish: string?, firstMs: number?, totalMs: number}>} times since the call
 * @throws {ChatError} with what the gateway said; an AbortError passes through
 */
export async function chat({ token, body, signal, onText }) {
  const begun = performance.now();
  const response = await post(token, { ...body, stream: true, stream_options: { include_usage: true } }, signal);
  const requestId = response.headers.get('X-Request-ID') ?? '';
  if (!response.ok) throw await refusal(response, requestId);
  if (!(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream')) {
    throw new ChatError('The answer is no event stream.', { status: response.status, requestId });
  }
  const result = { requestId, usage: null, finish: null, firstMs: null, totalMs: 0 };
  let complete = false;
  for await (const data of events(response.body)) {
    if (data === '[DONE]') {
      complete = true;
      break;
    }
    const chunk = read(data, requestId);
    const choice = chunk.choices?.[0];
    if (choice?.delta?.content) {
      result.firstMs ??= performance.now() - begun;
      onText(choice.delta.content);
    }
    result.finish = choice?.finish_reason ?? result.finish;
    result.usage = chunk.usage ?? result.usage;
  }
  if (!complete) throw new ChatError('The stream broke off.', { requestId });
  result.totalMs = performance.now() - begun;
  return result;
}

async function post(token, body, signal) {
  try {
    return await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      redirect: 'error',
      signal,
    });
  } catch (fault) {
    if (fault.name === 'AbortError') throw fault;
    throw new ChatError('The gateway does not answer.');
  }
}

async function refusal(response, requestId) {
  let said = null;
  try {
    said = (await response.json()).error;
  } catch {
    // Not the gateway's form of an error: the status has to do.
  }
  const message = typeof said === 'string' ? said : said?.message;
  return new ChatError(message ?? `The answer has the status ${response.status}.`, {
    status: response.status, code: typeof said === 'object' ? said?.code ?? said?.type ?? '' : '', requestId });
}

function read(data, requestId) {
  let chunk;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new ChatError('An event of the stream is not JSON.', { requestId });
  }
  if (chunk.error) throw new ChatError(chunk.error.message ?? 'The stream failed.', { code: chunk.error.code ?? '', requestId });
  return chunk;
}
