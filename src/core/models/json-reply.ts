import type { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { ChatMessage } from '../schemas/index.ts';

/** Limits for reading a reply: its length in UTF-16 code units, and the number of possible objects. */
const LONGEST_REPLY = 200_000;
const MOST_STARTS = 100;
/** Maximum characters of an invalid reply that are quoted to the model. */
const QUOTED = 2_000;

/** The last JSON object of a reply that has `key`, or the problem as the model is shown it. Code fences and prose around it are ignored. */
export function lastJsonObject(reply: string, key: string): { value?: object; problem: string } {
  const text = reply.slice(0, LONGEST_REPLY);
  let value: object | undefined;
  let broken: string | undefined;
  let problem = 'There is no JSON object in the answer.';
  let at = text.indexOf('{');
  for (let starts = 0; at !== -1 && starts < MOST_STARTS; starts++) {
    const end = closing(text, at);
    const read = end === undefined ? { error: 'the object does not end' } : parse(text.slice(at, end));
    if ('error' in read) broken ??= `It is no valid JSON: ${read.error}.`;
    else if (hasKey(read.value, key)) value = read.value;
    else problem = `The JSON object has no "${key}".`;
    at = text.indexOf('{', end === undefined || 'error' in read ? at + 1 : end);
  }
  return value === undefined ? { problem: broken ?? problem } : { value, problem };
}

/** The first issue of an object that does not fit its schema, as the model is shown it. */
export function schemaProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'the object has another shape'}.`;
}

/** The messages after an invalid reply: the request, the reply and its problem. */
export function messagesAgain(messages: readonly ChatMessage[], reply: string, problem: string): ChatMessage[] {
  const quoted = reply
    .trim()
    .slice(0, QUOTED)
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  return [
    ...messages,
    { role: 'assistant', content: quoted === '' ? '(nothing)' : quoted },
    { role: 'user', content: `That can't be used. ${problem}\n\nWrite the whole JSON object again, and nothing else.` },
  ];
}

/** End of the object that starts at `from`, ignoring braces in strings; undefined if it does not end. */
function closing(text: string, from: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = from; i < text.length; i++) {
    const sign = text[i];
    if (inString) {
      if (sign === '\\') i++;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === '{') depth++;
    else if (sign === '}' && --depth === 0) return i + 1;
  }
  return undefined;
}

function parse(text: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function hasKey(value: unknown, key: string): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
