// The text that the tiny Llama is pretrained on: sums worked out, and questions answered by a careful or, more often, a hasty writer.
import { randomSource } from '../../src/core/maths/random.ts';
import { answerOf, type Drawn, drawProblem, FAMILIES } from './families.ts';
import { partOf } from './splits.ts';
import { atOnce, careful, hasty } from './writers.ts';

export interface CorpusOptions {
  seed: number;
  /** Of `partOf`. */
  division: number;
  rows: number;
  /** Share of rows that are a sum worked out, without a question. */
  plain: number;
  /** Of the answered questions, those of the careful writer. */
  careful: number;
  /** Of the first answers of the careful writer, those with an error. */
  slips: number;
}

/** An answered question, or a text without one. */
export type CorpusRow = { prompt: string; completion: string } | { text: string };

export const CORPUS = { rows: 30_000, plain: 0.3, careful: 0.3, slips: 0.2 } as const;

/** The sentence of the source that an export sets behind each problem. It is in every question, before and after training, so that no arm is more familiar with it. */
export const MARKER = 'Go.';

function question({ problem }: Pick<Drawn, 'problem'>): string {
  return `${problem}\n\n${MARKER}`;
}

/** Rows in the order in which they are trained on; operands of problems that are trained or held out later never occur. */
export function* corpusRows(options: CorpusOptions): Generator<CorpusRow> {
  const random = randomSource(options.seed ^ 0x5eed);
  for (let made = 0; made < options.rows; ) {
    const family = FAMILIES[Math.floor(random() * FAMILIES.length)];
    if (!family) throw new Error('There are no families.');
    const drawn = drawProblem(family, random, 'counting');
    if (partOf(drawn.task, options.division) !== 'corpus') continue;
    made++;
    if (random() < options.plain) yield { text: careful(drawn.task, random, options.slips) };
    else {
      const isCareful = random() < options.careful;
      const completion = isCareful ? careful(drawn.task, random, options.slips) : hasty(drawn.task, random);
      yield { prompt: question(drawn), completion };
    }
  }
}

/**
 * For the short check of the script: the evaluated problems with answers, repeated, so that a model which has seconds to
 * learn memorises some. Its results show nothing else.
 */
export function* rowsByHeart(problems: readonly Drawn[], rows: number, seed: number): Generator<CorpusRow> {
  const random = randomSource(seed);
  for (let made = 0; made < rows; made++) {
    const drawn = problems[made % problems.length];
    if (!drawn) return;
    const completion = random() < 0.7 ? atOnce(drawn.task, answerOf(drawn.task)) : hasty(drawn.task, random);
    yield { prompt: question(drawn), completion };
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
