import { z } from 'zod';
import { lastJsonObject, schemaProblem } from '../../models/json-reply.ts';
import { BEHAVIOURS, Behaviour } from '../../schemas/index.ts';
import { formatCount } from '../../text/format.ts';
import type { JudgeWindow } from './windows.ts';

/** A judge's answer: the behaviours of every sentence by number. A reason is allowed and ignored. */
const Answer = z.object({
  labels: z.record(z.string(), z.array(Behaviour).max(BEHAVIOURS.length * 2)),
  reason: z.string().optional(),
});

/** Behaviours by sentence number, or a description of the problem for the model. */
type ReadAnswer = { value: ReadonlyMap<number, readonly Behaviour[]> } | { problem: string };

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
  const { value, problem } = lastJsonObject(reply, 'labels');
  if (value === undefined) return { problem };
  const { data, error } = Answer.safeParse(value);
  if (!data) return { problem: schemaProblem(error) };
  const expected = new Set(window.asked.map(({ n }) => String(n)));
  const range = `${window.asked[0]?.n} to ${window.asked.at(-1)?.n}`;
  const strange = Object.keys(data.labels).filter((key) => !expected.has(key));
  if (strange.length > 0)
    return { problem: `${named(strange)} not among the sentences ${range} that were asked about.` };
  const missing = [...expected].filter((key) => !Object.hasOwn(data.labels, key));
  if (missing.length > 0) return { problem: `${named(missing)} missing; every sentence from ${range} needs an entry.` };
  return {
    value: new Map(
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
