import { drawFrom } from '../../maths/random.ts';
import { PHASES, type Phase } from '../../schemas/index.ts';

/** How the classifier reads a sentence. */
export interface Readable {
  phase: Phase;
  /** Probability of the phase. */
  phaseScore: number;
}

/** Of this many sentences of a phase, one is of the half of which the classifier is more certain. */
const ONE_CERTAIN_OF = 2;

/**
 * Up to `count` most informative sentences, in order: varied, a sentence of each likely phase in turn. Every second one comes from the less certain half
 * of its phase. The order depends on the classifier, so no share of the population can be estimated from it.
 */
export function learningOrder<T extends Readable>(sentences: readonly T[], count: number, random: () => number): T[] {
  const shuffled = drawFrom(sentences, sentences.length, random);
  const queues = PHASES.map((phase) => mixed(shuffled.filter((one) => one.phase === phase)));
  const order: T[] = [];
  const wanted = Math.min(count, sentences.length);
  for (let turn = 0; order.length < wanted; turn += 1) {
    for (const queue of queues) {
      const next = queue[turn];
      if (next !== undefined && order.length < wanted) order.push(next);
    }
  }
  return order;
}

/** Keeps the order within the uncertain half and within the certain one. */
function mixed<T extends Readable>(sentences: readonly T[]): T[] {
  const middle = sentences.map((one) => one.phaseScore).sort((a, b) => a - b)[Math.floor(sentences.length / 2)] ?? 1;
  const uncertain = sentences.filter(({ phaseScore }) => phaseScore < middle);
  const certain = sentences.filter(({ phaseScore }) => phaseScore >= middle);
  const order: T[] = [];
  for (let place = 1; order.length < sentences.length; place += 1) {
    const first = place % ONE_CERTAIN_OF === 0 ? certain : uncertain;
    const next = first.shift() ?? certain.shift() ?? uncertain.shift();
    if (next !== undefined) order.push(next);
  }
  return order;
}
