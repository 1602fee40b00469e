import { z } from 'zod';
import { lastJsonObject, schemaProblem } from '../../models/json-reply.ts';
import { formatCount } from '../../text/format.ts';
import type { JudgeTask } from './task.ts';
import type { JudgeWindow } from './windows.ts';

/** Labels by sentence number, or a description of the problem for the model. */
type ReadAnswer<T> = { value: ReadonlyMap<number, T> } | { problem: string };

/** Maximum sentences in a description of a problem. */
const NAMED = 8;

/** JSON Schema for exactly the sentences of the window with their labels. */
export function answerSchema(
  window: JudgeWindow,
  { entry }: Pick<JudgeTask<unknown>, 'entry'>,
): Record<string, unknown> {
  const labels = z.strictObject(Object.fromEntries(window.asked.map(({ n }) => [String(n), entry])));
  const { $schema: _dialect, ...schema } = z.toJSONSchema(z.strictObject({ labels }), { reused: 'ref', io: 'input' });
  return schema;
}

/** Reads the last JSON object with `labels` in a reply. It must have exactly the sentences of the window, so that missing ones do not count as “none”. */
export function readAnswer<T>(reply: string, window: JudgeWindow, { entry }: JudgeTask<T>): ReadAnswer<T> {
  const { value, problem } = lastJsonObject(reply, 'labels');
  if (value === undefined) return { problem };
  // A reason is allowed and ignored.
  const Answer = z.object({ labels: z.record(z.string(), entry), reason: z.string().optional() });
  const { data, error } = Answer.safeParse(value);
  if (!data) return { problem: schemaProblem(error) };
  const labels = new Map(Object.entries(data.labels));
  const expected = new Set(window.asked.map(({ n }) => String(n)));
  const range = `${window.asked[0]?.n} to ${window.asked.at(-1)?.n}`;
  const strange = [...labels.keys()].filter((key) => !expected.has(key));
  if (strange.length > 0)
    return { problem: `${named(strange)} not among the sentences ${range} that were asked about.` };
  const missing = [...expected].filter((key) => !labels.has(key));
  if (missing.length > 0) return { problem: `${named(missing)} missing; every sentence from ${range} needs an entry.` };
  return { value: new Map(window.asked.map(({ n }) => [n, labels.get(String(n)) as T])) };
}

function named(keys: readonly string[]): string {
  const shown = keys.slice(0, NAMED).map((key) => key.slice(0, 20));
  const more = keys.length > NAMED ? ` and ${formatCount(keys.length - NAMED)} more` : '';
  return `${shown.join(', ')}${more} ${keys.length === 1 ? 'is' : 'are'}`;
}
