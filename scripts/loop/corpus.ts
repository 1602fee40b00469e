// The text that the tiny Llama is pretrained on: worked sums without a question, and questions answered by a careful or, far more often, a hasty writer.
import { randomSource } from '../../src/core/maths/random.ts';
import { drawProblem, FAMILIES } from './families.ts';
import { partOf } from './splits.ts';
import { careful, hasty } from './writers.ts';

export interface CorpusOptions {
  seed: number;
  rows: number;
  /** Share of rows that are a worked text without a question. */
  plain: number;
  /** Of the answered questions, those of the careful writer. */
  careful: number;
  /** Of his first attempts, those with a slip. */
  slips: number;
  /** Of the hasty writer's results, those that are off besides. */
  wild: number;
}

/** An answered question, or a text without one. */
export type CorpusRow = { prompt: string; completion: string } | { text: string };

export const CORPUS = { rows: 40_000, plain: 0.3, careful: 0.1, slips: 0.25, wild: 0.35 } as const;

/** The sentence of the source that an export sets behind each problem. It stands in every question, before training and after, so that no arm knows it better. */
export const MARKER = 'Go.';

/** Rows in the order in which they are trained on; operands of problems that are trained or held out later never occur. */
export function* corpusRows(options: CorpusOptions): Generator<CorpusRow> {
  const random = randomSource(options.seed ^ 0x5eed);
  for (let made = 0; made < options.rows; ) {
    const family = FAMILIES[Math.floor(random() * FAMILIES.length)];
    if (!family) throw new Error('There are no families.');
    const { problem, task } = drawProblem(family, random, 'two-digit');
    if (partOf(task, options.seed) !== 'corpus') continue;
    made++;
    if (random() < options.plain) yield { text: careful(task, random, options.slips) };
    else {
      const writer =
        random() < options.careful ? careful(task, random, options.slips) : hasty(task, random, options.wild);
      yield { prompt: `${problem}\n\n${MARKER}`, completion: writer };
    }
  }
}

/** Words, signs and two-digit numbers of the corpus, each as one token: a character a token would take several times as long to learn. */
export function vocabulary(rows: Iterable<CorpusRow>): string[] {
  const words = new Set<string>();
  for (const row of rows) {
    const text = 'text' in row ? [row.text] : [row.prompt, row.completion];
    for (const [word] of text.join('\n').matchAll(/ ?[A-Za-z]+| [-+*=]|\\boxed|\d\d/g)) words.add(word);
  }
  return [...words].sort();
}
