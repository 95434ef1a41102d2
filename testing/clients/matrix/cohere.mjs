// Cohere's API, version 2, through the `cohere-ai` package.
import { CohereClientV2 } from 'cohere-ai';
import { baseUrl, token } from '../settings.mjs';

const FINISH = { COMPLETE: 'stop', TOOL_CALL: 'tools', MAX_TOKENS: 'length' };

export function connect({ model }) {
  const client = new CohereClientV2({ token: token(), environment: baseUrl(), maxRetries: 0, timeoutInSeconds: 20 });

  const user = ({ text, picture }) => ({
    role: 'user',
    content: picture ? [{ type: 'text', text }, { type: 'image_url', imageUrl: { url: `data:image/png;base64,${picture}` } }] : text,
  });
  const body = (question, more = []) => ({
    model: question.model ?? model,
    maxTokens: 4000,
    messages: [...(question.system ? [{ role: 'system', content: question.system }] : []), user(question), ...more],
    ...(question.tools && {
      tools: question.tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, description, parameters: schema } })),
    }),
    ...(question.schema && { responseFormat: { type: 'json_object', jsonSchema: question.schema.schema } }),
    ...(question.reasoning && { thinking: { type: 'enabled', tokenBudget: 1024 } }),
  });
  const call = ({ id, function: { name, arguments: given } }) => ({ id, name, arguments: JSON.parse(given) });
  const read = ({ message, finishReason, usage }) => ({
    text: (message.content ?? []).filter((item) => item.type === 'text').map((item) => item.text).join(''),
    calls: (message.toolCalls ?? []).map(call),
    finish: FINISH[finishReason],
    usage: { input: usage.billedUnits.inputTokens, output: usage.billedUnits.outputTokens },
    turn: message,
  });
  const send = async (question, more) => read(await client.chat(body(question, more)));

  return {
    files: [], // its chat takes text and pictures
    ask: (question) => send(question),
    async stream(question) {
      const message = { content: [], toolCalls: [] };
      let pieces = 0;
      let end;
      for await (const event of await client.chatStream(body(question))) {
        const delta = event.delta?.message;
        if (event.type === 'content-start') message.content[event.index] = { text: '', ...delta.content };
        if (event.type === 'content-delta') {
          pieces++;
          message.content[event.index].text += delta.content.text ?? '';
        }
        if (event.type === 'tool-call-start') message.toolCalls[event.index] = structuredClone(delta.toolCalls);
        if (event.type === 'tool-call-delta') message.toolCalls[event.index].function.arguments += delta.toolCalls.function.arguments;
        if (event.type === 'message-end') end = event.delta;
      }
      return { ...read({ message: { ...message, content: message.content.filter(Boolean) }, ...end }), pieces };
    },
    answer: (question, { turn, calls }, results) =>
      send(question, [turn, ...calls.map(({ id }, index) => ({ role: 'tool', toolCallId: id, content: results[index] }))]),
    continue: (question, { turn }, text) => send(question, [turn, { role: 'user', content: text }]),
    status: (error) => error.statusCode,
  };
}
