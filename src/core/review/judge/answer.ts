import { z } from 'zod';
import { BEHAVIOURS, Behaviour } from '../../schemas/index.ts';
import { formatCount } from '../../text/format.ts';
import type { JudgeWindow } from './windows.ts';

/** A judge's answer: the behaviours of every sentence by number. A reason is allowed and ignored. */
const Answer = z.object({
  labels: z.record(z.string(), z.array(Behaviour).max(BEHAVIOURS.length * 2)),
  reason: z.string().optional(),
});

/** Behaviours by sentence number, or a description of the problem for the model. */
type ReadAnswer = { labels: ReadonlyMap<number, readonly Behaviour[]> } | { problem: string };

/** Limits for reading a reply: its length in UTF-16 code units, and the number of possible objects. */
const LONGEST_REPLY = 200_000;
const MOST_STARTS = 100;
/** Maximum sentences in a description of a problem. */
const NAMED = 8;

/** JSON Schema for exactly the sentences of the window with their behaviours. */
export function answerSchema(window: JudgeWindow): Record<string, unknown> {
  const kinds = z.array(Behaviour);
  const labels = z.strictObject(Object.fromEntries(window.asked.map(({ n }) => [String(n), kinds])));
  const { $schema: _dialect, ...schema } = z.toJSONSchema(z.strictObject({ labels }), { reused: 'ref' });
  return schema;
}

/** Reads the last JSON object with `labels` in a reply. It must have exactly the sentences of the window, so that missing ones do not count as “none”. */
export function readAnswer(reply: string, window: JudgeWindow): ReadAnswer {
  const { value, problem } = lastObject(reply.slice(0, LONGEST_REPLY));
  if (value === undefined) return { problem };
  const { data, error } = Answer.safeParse(value);
  if (!data) return { problem: issueOf(error) };
  const expected = new Set(window.asked.map(({ n }) => String(n)));
  const range = `${window.asked[0]?.n} to ${window.asked.at(-1)?.n}`;
  const strange = Object.keys(data.labels).filter((key) => !expected.has(key));
  if (strange.length > 0)
    return { problem: `${named(strange)} not among the sentences ${range} that were asked about.` };
  const missing = [...expected].filter((key) => !Object.hasOwn(data.labels, key));
  if (missing.length > 0) return { problem: `${named(missing)} missing; every sentence from ${range} needs an entry.` };
  return {
    labels: new Map(
      window.asked.map(({ n }) => {
        const kinds = new Set(data.labels[String(n)]);
        return [n, BEHAVIOURS.filter((kind) => kinds.has(kind))];
      }),
    ),
  };
}

function named(keys: readonly string[]): string {
  const shown = keys.slice(0, NAMED).map((key) => key.slice(0, 20));
  const more = keys.length > NAMED ? ` and ${formatCount(keys.length - NAMED)} more` : '';
  return `${shown.join(', ')}${more} ${keys.length === 1 ? 'is' : 'are'}`;
}

function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'the object has another shape'}.`;
}

/** The last JSON object with `labels`, or the problem. */
function lastObject(text: string): { value?: object; problem: string } {
  let value: object | undefined;
  let broken: string | undefined;
  let problem = 'There is no JSON object in the answer.';
  let at = text.indexOf('{');
  for (let starts = 0; at !== -1 && starts < MOST_STARTS; starts++) {
    const end = closing(text, at);
    const read = end === undefined ? { error: 'the object does not end' } : parse(text.slice(at, end));
    if ('error' in read) broken ??= `It is no valid JSON: ${read.error}.`;
    else if (hasLabels(read.value)) value = read.value;
    else problem = 'The JSON object has no "labels".';
    at = text.indexOf('{', end === undefined || 'error' in read ? at + 1 : end);
  }
  return value === undefined ? { problem: broken ?? problem } : { value, problem };
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
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function hasLabels(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'labels');
}
