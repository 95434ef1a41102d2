// The Messages API through the `@anthropic-ai/sdk` package.
import Anthropic from '@anthropic-ai/sdk';
import { baseUrl, token } from '../settings.mjs';

const FINISH = { end_turn: 'stop', tool_use: 'tools', max_tokens: 'length' };

export function connect({ model }) {
  const client = new Anthropic({ baseURL: baseUrl(), apiKey: token(), maxRetries: 0, timeout: 20_000 });

  const user = ({ text, picture, pdf }) => ({
    role: 'user',
    content:
      picture || pdf
        ? [
            { type: 'text', text },
            ...(picture ? [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } }] : []),
            ...(pdf ? [{ type: 'document', title: 'report.pdf', source: { type: 'base64', media_type: 'application/pdf', data: pdf } }] : []),
          ]
        : text,
  });
  const body = (question, more = []) => ({
    model: question.model ?? model,
    max_tokens: 4000,
    ...(question.system && { system: question.system }),
    messages: [user(question), ...more],
    ...(question.tools && {
      tools: question.tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
    }),
    ...(question.schema && { output_config: { format: { type: 'json_schema', schema: question.schema.schema } } }),
    ...(question.reasoning && { thinking: { type: 'enabled', budget_tokens: 1024 } }),
  });
  const read = ({ content, stop_reason, usage }) => ({
    text: content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
    calls: content.filter((block) => block.type === 'tool_use').map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: FINISH[stop_reason],
    usage: { input: usage.input_tokens, output: usage.output_tokens },
    turn: { role: 'assistant', content },
  });
  const send = async (question, more) => read(await client.messages.create(body(question, more)));

  return {
    files: ['document'],
    ask: (question) => send(question),
    async stream(question) {
      let pieces = 0;
      const stream = client.messages.stream(body(question));
      stream.on('text', () => pieces++);
      return { ...read(await stream.finalMessage()), pieces };
    },
    answer: (question, { turn, calls }, results) =>
      send(question, [
        turn,
        { role: 'user', content: calls.map(({ id }, index) => ({ type: 'tool_result', tool_use_id: id, content: results[index] })) },
      ]),
    continue: (question, { turn }, text) => send(question, [turn, { role: 'user', content: text }]),
    status: (error) => error.status,
  };
}
