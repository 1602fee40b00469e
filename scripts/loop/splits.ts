// Which problems are pretrained on, trained on and held out. No operands of one part occur in another, whatever the family or wording.
import { createHash } from 'node:crypto';
import { normaliseProblemText } from '../../src/core/dataset/index.ts';
import { randomSource } from '../../src/core/maths/random.ts';
import { ngrams } from '../../src/core/text/ngrams.ts';
import { type Drawn, drawProblem, FAMILIES, type Family, type Scale, type Task } from './families.ts';

export type Part = 'corpus' | 'train' | 'held-out';

/** Eight words in a row, as the filter `decontaminated` compares. */
export const GRAM = 8;
/** Limit of consecutive draws that are known or of another part: then hardly any others exist. */
const MOST_TRIES = 3000;

/** The numbers that decide: the same pair added, subtracted or in another order is of the same part. */
function operandKey({ kind, operands }: Task): string {
  const [a, b] = operands;
  const pair = kind === 'subtract' ? [a - b, b] : [a, b];
  return pair.sort((x, y) => x - y).join(' ');
}

/**
 * Half of all operand pairs are for the pretraining corpus, three tenths for training, a fifth is held out.
 * @param seed another seed makes another division.
 */
export function partOf(task: Task, seed: number): Part {
  const [first = 0] = createHash('sha256')
    .update(`${seed} ${operandKey(task)}`)
    .digest();
  if (first < 51) return 'held-out';
  return first < 128 ? 'train' : 'corpus';
}

export interface ProblemSets {
  train: Drawn[];
  heldOut: Drawn[];
  heldOutFamilies: Drawn[];
}

export interface SetSizes {
  train: number;
  heldOut: number;
  heldOutFamilies: number;
}

/** Draws problems of a part that were not drawn before. @throws Error when the families do not have that many. */
type Take = (families: readonly Family[], count: number, part: Part) => Drawn[];

function taker(seed: number, scale: Scale, division: number): Take {
  const random = randomSource(seed);
  const seen = new Set<string>();
  const grams = new Set<string>();
  return (families, count, part) => {
    const drawn: Drawn[] = [];
    let last = 0;
    for (let tries = 0; drawn.length < count; tries++) {
      const family = families[tries % families.length];
      if (!family || tries - last > MOST_TRIES) throw new Error(`There are fewer than ${count} problems (${part}).`);
      const problem = drawProblem(family, random, scale);
      const form = normaliseProblemText(problem.problem);
      if (partOf(problem.task, division) !== part || seen.has(form)) continue;
      if (part === 'held-out' && ngrams(problem.problem, GRAM).some((gram) => grams.has(gram))) continue;
      seen.add(form);
      if (part === 'train') for (const gram of ngrams(problem.problem, GRAM)) grams.add(gram);
      drawn.push(problem);
      last = tries;
    }
    return drawn;
  };
}

const KNOWN = FAMILIES.filter(({ heldOut }) => !heldOut);

/**
 * Problems of the families that are trained on, for the choice of a prompt. Their operands are of the part for pretraining, so that they
 * are neither trained on nor held out where nothing is pretrained.
 */
export function drawDevelopment(count: number, scale: Scale, division: number): Drawn[] {
  return taker(division, scale, division)(KNOWN, count, 'corpus');
}

/**
 * Draws the sets, the same ones for a seed. Held-out problems differ from each training problem in normal form and share no eight words in
 * a row with one.
 * @param division the seed of `partOf`: the same for all sets that are used with one pretrained model.
 * @throws Error when the families do not have that many problems.
 */
export function drawSets(sizes: SetSizes, seed: number, scale: Scale, division: number): ProblemSets {
  const take = taker(seed, scale, division);
  const train = take(KNOWN, sizes.train, 'train');
  const heldOut = take(KNOWN, sizes.heldOut, 'held-out');
  const unknown = FAMILIES.filter(({ heldOut: isHeldOut }) => isHeldOut);
  return { train, heldOut, heldOutFamilies: take(unknown, sizes.heldOutFamilies, 'held-out') };
}
