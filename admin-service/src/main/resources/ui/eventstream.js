/**
 * Server-sent events of a fetched answer, as the HTML standard reads them (section 9.2.6), for requests that an EventSource
 * cannot make because they carry a body and a token.
 */

const EVENT_CHARACTERS_MAX = 1 << 20;

/**
 * Yields the data of each event, in order.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @throws {Error} when one event is longer than 1 Mi characters
 */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let data = [];
  let characters = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      if (rest.length + characters > EVENT_CHARACTERS_MAX) throw new Error('an event of the answer is longer than 1 Mi characters');
      // A carriage return at the end may be half of a line end.
      const held = rest.endsWith('\r') ? 1 : 0;
      const lines = rest.slice(0, rest.length - held).split(/\r\n|\n|\r/);
      rest = lines.pop() + (held ? '\r' : '');
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield data.join('\n');
          data = [];
          characters = 0;
        } else if (line === 'data' || line.startsWith('data:')) {
          data.push(line.slice(5).replace(/^ /, ''));
          characters += line.length;
        }
      }
    }
  } finally {
    await reader.cancel();
  }
}
