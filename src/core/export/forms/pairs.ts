import { shuffleKey } from '../../maths/random.ts';

export const PAIRINGS = ['samples', 'length', 'edits'] as const;
/**
 * How pairs are made of the chains of a problem. `samples`: any chain to follow with any that is not. `length`: with the one nearest in length, at
 * most a quarter longer or shorter, so that length is not what is learned. `edits`: a reviewer's text with the text before the edit.
 */
export type Pairing = (typeof PAIRINGS)[number];

/** A chain that may be half of a pair. */
export interface PairCandidate {
  id: string;
  problemId: string;
  /** See chainLabel. */
  label: boolean;
  /** UTF-16 code units of the text. */
  size: number;
  /** A reviewer changed its text. */
  edited: boolean;
}

/** Ids of two chains; of the same one for the pairing `edits`, whose rejected text is the chain's own. */
export interface Pair {
  chosen: string;
  rejected: string;
}

export interface PairChoices {
  pairing: Pairing;
  /** Most pairs of one problem. */
  perProblem: number;
  seed: number;
}

/** Largest ratio of two lengths that count as equal. */
const EQUAL_LENGTHS = 1.25;

/**
 * The pairs of all problems, problems in the order of their first chain. No pair occurs twice, and chains are used equally often as far as possible.
 * The result depends on the chains and the choices, not on the order of the chains of a problem.
 */
export function pairUp(chains: readonly PairCandidate[], choices: PairChoices): Pair[] {
  const byProblem = new Map<string, PairCandidate[]>();
  for (const chain of chains) {
    const own = byProblem.get(chain.problemId);
    if (own) own.push(chain);
    else byProblem.set(chain.problemId, [chain]);
  }
  return [...byProblem.values()].flatMap((own) => pairsOf(own, choices));
}

function pairsOf(chains: readonly PairCandidate[], { pairing, perProblem, seed }: PairChoices): Pair[] {
  const order = (chain: PairCandidate): number => shuffleKey(chain.id, seed);
  const shuffled = chains.toSorted((a, b) => order(a) - order(b) || (a.id < b.id ? -1 : 1));
  const chosen = shuffled.filter(({ label }) => label);
  if (pairing === 'edits') {
    const edited = chosen.filter((chain) => chain.edited).slice(0, perProblem);
    return edited.map(({ id }) => ({ chosen: id, rejected: id }));
  }
  const rejected = shuffled.filter(({ label }) => !label);
  if (pairing === 'samples') return inTurn(chosen, rejected, perProblem);
  return nearest(chosen, rejected, perProblem);
}

/**
 * The next chain of the longer list with the next one of the shorter, both in turn: pair k is long[k mod L] with short[k mod S], shifted by one
 * whenever that would repeat, after each lcm(L, S) pairs.
 */
function inTurn(chosen: readonly PairCandidate[], rejected: readonly PairCandidate[], most: number): Pair[] {
  const [long, short] = chosen.length >= rejected.length ? [chosen, rejected] : [rejected, chosen];
  if (short.length === 0) return [];
  const repeat = (long.length * short.length) / commonDivisor(long.length, short.length);
  const pairs: Pair[] = [];
  for (let k = 0; k < Math.min(most, long.length * short.length); k++) {
    const one = long[k % long.length]?.id ?? '';
    const other = short[(k + Math.floor(k / repeat)) % short.length]?.id ?? '';
    pairs.push(long === chosen ? { chosen: one, rejected: other } : { chosen: other, rejected: one });
  }
  return pairs;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** The pairs of nearly equal length, the most equal first; each chain is used once before any is used again. */
function nearest(chosen: readonly PairCandidate[], rejected: readonly PairCandidate[], most: number): Pair[] {
  const ratio = (one: number, other: number): number => Math.max(one, other) / Math.max(1, Math.min(one, other));
  const near = chosen
    .flatMap((right) => rejected.map((wrong) => ({ right, wrong, ratio: ratio(right.size, wrong.size) })))
    .filter((pair) => pair.ratio <= EQUAL_LENGTHS)
    .sort((a, b) => a.ratio - b.ratio);
  const used = new Map<string, number>();
  const uses = (id: string): number => used.get(id) ?? 0;
  const pairs: Pair[] = [];
  const left = new Set(near);
  for (let round = 0; pairs.length < most && left.size > 0; round++) {
    for (const pair of left) {
      if (pairs.length >= most) break;
      if (uses(pair.right.id) > round || uses(pair.wrong.id) > round) continue;
      left.delete(pair);
      used.set(pair.right.id, uses(pair.right.id) + 1);
      used.set(pair.wrong.id, uses(pair.wrong.id) + 1);
      pairs.push({ chosen: pair.right.id, rejected: pair.wrong.id });
    }
  }
  return pairs;
}
