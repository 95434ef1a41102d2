// Bedrock's Converse through the `@aws-sdk/client-bedrock-runtime` package.
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { baseUrl, token } from '../settings.mjs';

const FINISH = { end_turn: 'stop', tool_use: 'tools', max_tokens: 'length' };

export function connect({ model, note }) {
  const client = new BedrockRuntimeClient({
    endpoint: baseUrl(),
    region: 'us-east-1',
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: 20_000 }), // by default the package speaks HTTP/2
    token: { token: token() },
    authSchemePreference: ['httpBearerAuth'],
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      note(result.response.headers['x-latticegate-dropped']);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'dropped' },
  );

  const user = ({ text, picture, pdf }) => ({
    role: 'user',
    content: [
      { text },
      ...(picture ? [{ image: { format: 'png', source: { bytes: Buffer.from(picture, 'base64') } } }] : []),
      ...(pdf ? [{ document: { format: 'pdf', name: 'report', source: { bytes: Buffer.from(pdf, 'base64') } } }] : []),
    ],
  });
  const body = (question, more = []) => ({
    modelId: question.model ?? model,
    messages: [user(question), ...more],
    inferenceConfig: { maxTokens: 4000 },
    ...(question.system && { system: [{ text: question.system }] }),
    ...(question.tools && {
      toolConfig: {
        tools: question.tools.map(({ name, description, schema }) => ({ toolSpec: { name, description, inputSchema: { json: schema } } })),
      },
    }),
    ...(question.schema && {
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: question.schema.name, schema: JSON.stringify(question.schema.schema) } },
        },
      },
    }),
    ...(question.reasoning && { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } }),
  });
  const read = (content, stopReason, usage) => ({
    text: content.map((block) => block.text ?? '').join(''),
    calls: content.filter((block) => block.toolUse).map(({ toolUse: { toolUseId, name, input } }) => ({ id: toolUseId, name, arguments: input })),
    finish: FINISH[stopReason],
    usage: { input: usage.inputTokens, output: usage.outputTokens },
    turn: { role: 'assistant', content },
  });
  const send = async (question, more) => {
    const { output, stopReason, usage } = await client.send(new ConverseCommand(body(question, more)));
    return read(output.message.content, stopReason, usage);
  };

  return {
    files: ['document'],
    ask: (question) => send(question),
    async stream(question) {
      const { stream } = await client.send(new ConverseStreamCommand(body(question)));
      const content = [];
      const inputs = [];
      let pieces = 0;
      let stop;
      let usage;
      for await (const { contentBlockStart: start, contentBlockDelta: more, messageStop, metadata } of stream) {
        if (start) content[start.contentBlockIndex] = { toolUse: { ...start.start.toolUse } };
        if (more?.delta.text !== undefined) {
          pieces++;
          content[more.contentBlockIndex] ??= { text: '' };
          content[more.contentBlockIndex].text += more.delta.text;
        }
        if (more?.delta.toolUse) inputs[more.contentBlockIndex] = (inputs[more.contentBlockIndex] ?? '') + more.delta.toolUse.input;
        if (messageStop) stop = messageStop.stopReason;
        if (metadata) usage = metadata.usage;
      }
      inputs.forEach((input, index) => { content[index].toolUse.input = JSON.parse(input); });
      return { ...read(content.filter(Boolean), stop, usage), pieces };
    },
    answer: (question, { turn, calls }, results) =>
      send(question, [
        turn,
        { role: 'user', content: calls.map(({ id }, index) => ({ toolResult: { toolUseId: id, content: [{ text: results[index] }] } })) },
      ]),
    continue: (question, { turn }, text) => send(question, [turn, { role: 'user', content: [{ text }] }]),
    status: (error) => error.$metadata?.httpStatusCode,
  };
}
