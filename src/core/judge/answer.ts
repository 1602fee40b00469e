import { z } from 'zod';
import { BEHAVIOURS, Behaviour } from '../model/index.ts';
import type { JudgeWindow } from './windows.ts';

/** What a judge answers: the kinds of every sentence, by its number; an empty list for none. A short reason is allowed and not used. */
const Answer = z.object({
  labels: z.record(z.string(), z.array(Behaviour).max(BEHAVIOURS.length * 2)),
  reason: z.string().optional(),
});

/** Kinds by sentence number, each kind once; or what is wrong with the answer, in words that a model can act on. */
export type ReadAnswer = { labels: ReadonlyMap<number, readonly Behaviour[]> } | { problem: string };

/** A reply is looked through no further than this, in UTF-16 code units, and for no more beginnings of an object. */
const LONGEST_REPLY = 200_000;
const MOST_STARTS = 100;
/** Numbers named in a complaint. */
const NAMED = 8;

/** JSON Schema that allows every sentence of the window once, with its kinds, and nothing else. */
export function answerSchema(window: JudgeWindow): Record<string, unknown> {
  const kinds = z.array(Behaviour);
  const labels = z.strictObject(Object.fromEntries(window.asked.map(({ n }) => [String(n), kinds])));
  const { $schema: _dialect, ...schema } = z.toJSONSchema(z.strictObject({ labels }), { reused: 'ref' });
  return schema;
}

/**
 * Reads a judge's reply: the last JSON object in it with `labels`, whatever stands around it. Every sentence of the window must be
 * answered and no other, so that neither a cut-off answer nor one about another window passes for “none”.
 */
export function readAnswer(reply: string, window: JudgeWindow): ReadAnswer {
  const { value, problem } = lastObject(reply.slice(0, LONGEST_REPLY));
  if (value === undefined) return { problem };
  const { data, error } = Answer.safeParse(value);
  if (!data) return { problem: issueOf(error) };
  const wanted = new Set(window.asked.map(({ n }) => String(n)));
  const range = `${window.asked[0]?.n} to ${window.asked.at(-1)?.n}`;
  const strange = Object.keys(data.labels).filter((key) => !wanted.has(key));
  if (strange.length > 0)
    return { problem: `${named(strange)} not among the sentences ${range} that were asked about.` };
  const missing = [...wanted].filter((key) => !Object.hasOwn(data.labels, key));
  if (missing.length > 0) return { problem: `${named(missing)} missing; every sentence from ${range} needs an entry.` };
  return {
    labels: new Map(
      window.asked.map(({ n }) => {
        const said = new Set(data.labels[String(n)]);
        return [n, BEHAVIOURS.filter((kind) => said.has(kind))];
      }),
    ),
  };
}

function named(keys: readonly string[]): string {
  const shown = keys.slice(0, NAMED).map((key) => key.slice(0, 20));
  const more = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : '';
  return `${shown.join(', ')}${more} ${keys.length === 1 ? 'is' : 'are'}`;
}

function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'the object has another shape'}.`;
}

/** The last object of the text that is JSON and has `labels`, or why there is none. */
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

/** End of the object that begins at `from`, braces in strings not counted; undefined when it does not end. */
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
