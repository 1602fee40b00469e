import type { DialogueSettings } from '../model/index.ts';
import { HINT_FILE } from './prompts.ts';

/** The prompt file of the one piece that is never told the trusted answer. */
const UNTOLD = 'answer-1';

/**
 * The files that decide what a piece is asked: its own prompt file, in hinted mode `hint` for every piece that is told the answer, and the
 * fragments that these take in. Names without `.md`, sorted; what is missing is left out.
 */
export function filesOf(
  texts: Readonly<Record<string, string>>,
  file: string,
  mode: DialogueSettings['mode'],
): string[] {
  if (texts[file] === undefined) return [];
  const own = mode === 'hinted' && file !== UNTOLD ? [file, HINT_FILE] : [file];
  const fragments = own.flatMap((name) =>
    [...(texts[name] ?? '').matchAll(/\{\{behaviour:([a-z]+)\}\}/g)].map(([, kind]) => `behaviour-${kind}`),
  );
  return [...new Set([...own, ...fragments])].filter((name) => texts[name] !== undefined).sort();
}
