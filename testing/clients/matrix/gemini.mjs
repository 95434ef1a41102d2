// The Gemini API through the `@google/genai` package.
import { GoogleGenAI } from '@google/genai';
import { baseUrl, token } from '../settings.mjs';

export function connect({ model }) {
  const client = new GoogleGenAI({ apiKey: token(), httpOptions: { baseUrl: baseUrl(), timeout: 20_000 } });

  const user = ({ text, picture, pdf, sound }) => ({
    role: 'user',
    parts: [
      { text },
      ...(picture ? [{ inlineData: { mimeType: 'image/png', data: picture } }] : []),
      ...(pdf ? [{ inlineData: { mimeType: 'application/pdf', data: pdf } }] : []),
      ...(sound ? [{ inlineData: { mimeType: 'audio/wav', data: sound } }] : []),
    ],
  });
  const body = (question, more = []) => ({
    model: question.model ?? model,
    contents: [user(question), ...more],
    config: {
      maxOutputTokens: 4000,
      ...(question.system && { systemInstruction: question.system }),
      ...(question.tools && {
        tools: [{ functionDeclarations: question.tools.map(({ name, description, schema }) => ({ name, description, parametersJsonSchema: schema })) }],
      }),
      ...(question.schema && { responseMimeType: 'application/json', responseJsonSchema: question.schema.schema }),
      ...(question.reasoning && { thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } }),
    },
  });
  const read = (responses) => {
    const parts = responses.flatMap((response) => response.candidates?.[0]?.content?.parts ?? []);
    const calls = parts.filter((part) => part.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, arguments: args }));
    const { candidates: [{ finishReason }], usageMetadata } = responses.at(-1);
    return {
      text: parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(''),
      calls,
      finish: finishReason === 'STOP' ? (calls.length ? 'tools' : 'stop') : finishReason,
      usage: {
        input: usageMetadata.promptTokenCount,
        output: usageMetadata.candidatesTokenCount + (usageMetadata.thoughtsTokenCount ?? 0),
      },
      turn: { role: 'model', parts },
    };
  };
  const send = async (question, more) => read([await client.models.generateContent(body(question, more))]);

  return {
    files: ['document', 'audio'],
    ask: (question) => send(question),
    async stream(question) {
      const responses = [];
      for await (const response of await client.models.generateContentStream(body(question))) responses.push(response);
      return { ...read(responses), pieces: responses.length };
    },
    answer: (question, { turn, calls }, results) =>
      send(question, [
        turn,
        { role: 'user', parts: calls.map(({ id, name }, index) => ({ functionResponse: { id, name, response: { output: results[index] } } })) },
      ]),
    continue: (question, { turn }, text) => send(question, [turn, { role: 'user', parts: [{ text }] }]),
    status: (error) => error.status,
  };
}
