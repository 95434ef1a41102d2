// Chat Completions through the `openai` package.
import OpenAI from 'openai';
import { baseUrl, token } from '../settings.mjs';

const FINISH = { stop: 'stop', tool_calls: 'tools', length: 'length' };

export function connect({ model }) {
  const client = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 0, timeout: 20_000 });

  const user = ({ text, picture, pdf, sound }) => ({
    role: 'user',
    content:
      picture || pdf || sound
        ? [
            { type: 'text', text },
            ...(picture ? [{ type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }] : []),
            ...(pdf ? [{ type: 'file', file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` } }] : []),
            ...(sound ? [{ type: 'input_audio', input_audio: { data: sound, format: 'wav' } }] : []),
          ]
        : text,
  });
  const body = (question, more = []) => ({
    model: question.model ?? model,
    max_completion_tokens: 4000,
    messages: [...(question.system ? [{ role: 'system', content: question.system }] : []), user(question), ...more],
    ...(question.tools && {
      tools: question.tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, description, parameters: schema } })),
    }),
    ...(question.schema && {
      response_format: { type: 'json_schema', json_schema: { name: question.schema.name, schema: question.schema.schema, strict: true } },
    }),
    ...(question.reasoning && { reasoning_effort: 'low' }),
  });
  const read = ({ choices: [{ message, finish_reason }], usage }) => ({
    text: message.content ?? '',
    calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => ({ id, name, arguments: JSON.parse(given) })),
    finish: FINISH[finish_reason],
    usage: { input: usage.prompt_tokens, output: usage.completion_tokens },
    turn: message,
  });
  const send = async (question, more) => read(await client.chat.completions.create(body(question, more)));

  return {
    files: ['document', 'audio'],
    ask: (question) => send(question),
    async stream(question) {
      let pieces = 0;
      const stream = client.chat.completions.stream({ ...body(question), stream_options: { include_usage: true } });
      stream.on('content', () => pieces++);
      const answer = read(await stream.finalChatCompletion());
      return { ...answer, pieces };
    },
    answer: (question, { turn, calls }, results) =>
      send(question, [turn, ...calls.map(({ id }, index) => ({ role: 'tool', tool_call_id: id, content: results[index] }))]),
    continue: (question, { turn }, text) => send(question, [turn, { role: 'user', content: text }]),
    status: (error) => error.status,
  };
}
