// The Responses API through the `openai` package.
import OpenAI from 'openai';
import { baseUrl, token } from '../settings.mjs';

export function connect({ model }) {
  const client = new OpenAI({ baseURL: `${baseUrl()}/v1`, apiKey: token(), maxRetries: 0, timeout: 20_000 });

  const user = ({ text, picture, pdf }) => ({
    role: 'user',
    content: [
      { type: 'input_text', text },
      ...(picture ? [{ type: 'input_image', image_url: `data:image/png;base64,${picture}`, detail: 'auto' }] : []),
      ...(pdf ? [{ type: 'input_file', filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` }] : []),
    ],
  });
  const body = (question, more = []) => ({
    model: question.model ?? model,
    max_output_tokens: 4000,
    store: false,
    ...(question.system && { instructions: question.system }),
    input: [user(question), ...more],
    ...(question.tools && {
      tools: question.tools.map(({ name, description, schema }) => ({ type: 'function', name, description, parameters: schema, strict: true })),
    }),
    ...(question.schema && {
      text: { format: { type: 'json_schema', name: question.schema.name, schema: question.schema.schema, strict: true } },
    }),
    ...(question.reasoning && { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
  });
  const read = (response) => {
    const calls = response.output
      .filter((item) => item.type === 'function_call')
      .map(({ call_id, name, arguments: given }) => ({ id: call_id, name, arguments: JSON.parse(given) }));
    return {
      text: response.output_text ?? response.output.flatMap((item) => item.content ?? []).map((part) => part.text ?? '').join(''),
      calls,
      finish: response.status === 'completed' ? (calls.length ? 'tools' : 'stop') : response.status,
      usage: { input: response.usage.input_tokens, output: response.usage.output_tokens },
      turn: response.output,
    };
  };
  const send = async (question, more) => read(await client.responses.create(body(question, more)));

  return {
    files: ['document'],
    ask: (question) => send(question),
    async stream(question) {
      let pieces = 0;
      const stream = client.responses.stream(body(question));
      stream.on('response.output_text.delta', () => pieces++);
      return { ...read(await stream.finalResponse()), pieces };
    },
    answer: (question, { turn, calls }, results) =>
      send(question, [...turn, ...calls.map(({ id }, index) => ({ type: 'function_call_output', call_id: id, output: results[index] }))]),
    continue: (question, { turn }, text) => send(question, [...turn, { role: 'user', content: text }]),
    status: (error) => error.status,
  };
}
