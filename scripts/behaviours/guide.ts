import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { featureRows } from '../../src/core/behaviours/features.ts';
import { splitSentences } from '../../src/core/behaviours/index.ts';
import { BEHAVIOURS, type Behaviour } from '../../src/core/schemas/index.ts';
import { ROOT } from '../lib/paths.ts';
import type { Example } from './fit.ts';

/** An example of the annotation guide: does the sentence carry the kind, or does it only look so. */
export interface GuideExample {
  kind: Behaviour;
  carries: boolean;
  text: string;
}

/** What an example weighs, beside 1 for a labelled text; found on folds that leave a model out. */
const WEIGHTS: Readonly<Record<Behaviour, number>> = { verification: 4, backtracking: 4, subgoal: 1, backward: 4 };

/** The guide has the examples without context. Here each is the end of two short texts: one with an answer, one without. */
const BEFORE = [
  'There are 5 shirts and 4 hats to choose from. Each shirt goes with each hat. So we multiply, and 5 * 4 = 20. The answer is 20.\n\n',
  'There are 5 shirts and 4 hats to choose from. Each shirt goes with each hat. The hats are all of one size.\n\n',
];

/** The two-column tables of docs/reference/annotation-guide.md: ten sentences that carry a kind and ten near misses, for each kind. */
export function readGuide(): GuideExample[] {
  const examples: GuideExample[] = [];
  let table: Omit<GuideExample, 'text'> | undefined;
  for (const row of readFileSync(join(ROOT, 'docs', 'reference', 'annotation-guide.md'), 'utf8').split('\n')) {
    const first = /^\| (.*?) \|/.exec(row)?.[1];
    if (first === undefined) {
      if (!row.startsWith('|')) table = undefined;
      continue;
    }
    const kind = BEHAVIOURS.find((name) => first.endsWith(name));
    if (kind !== undefined && table === undefined) table = { kind, carries: !first.startsWith('near miss') };
    else if (table !== undefined) examples.push({ ...table, text: first });
  }
  return examples;
}

/** The guide's examples of one kind, to be trained on beside the labelled texts. */
export function guideExamples(kind: Behaviour): Example[] {
  return readGuide()
    .filter((example) => example.kind === kind)
    .flatMap(({ text, carries }) =>
      BEFORE.map((before) => {
        const sentences = splitSentences(before + text);
        const labels = Uint8Array.from(sentences, ({ start }) => Number(carries && start >= before.length));
        const rows = featureRows(before + text, sentences);
        return { rows, from: 0, to: sentences.length, passes: [labels], weight: WEIGHTS[kind] / BEFORE.length };
      }),
    );
}
