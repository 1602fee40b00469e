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
  /** The same for texts that differ in outer spaces at most. */
  text: string;
  /** As `text`, of the text before a reviewer changed it; undefined for a text as it was made. */
  before?: string | undefined;
}

/** Ids of two chains; of the same one for the pairing `edits`, whose rejected text is the chain's own. */
export interface Pair {
  chosen: string;
  rejected: string;
}

export interface Paired {
  pairs: Pair[];
  /** Ids of chains without a pair, since every chain to pair them with has their text. */
  equal: Set<string>;
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
 * The pairs of all problems, problems in the order of their first chain. No pair occurs twice or has equal texts, of which a training learns nothing.
 * Chains are used equally often as far as possible. The result depends on the chains and the choices, not on the order of the chains of a problem.
 */
export function pairUp(chains: readonly PairCandidate[], choices: PairChoices): Paired {
  const byProblem = new Map<string, PairCandidate[]>();
  for (const chain of chains) {
    const own = byProblem.get(chain.problemId);
    if (own) own.push(chain);
    else byProblem.set(chain.problemId, [chain]);
  }
  const pairs: Pair[] = [];
  const equal = new Set<string>();
  for (const own of byProblem.values()) {
    const made = pairsOf(own, choices);
    pairs.push(...made);
    const used = new Set(made.flatMap(({ chosen, rejected }) => [chosen, rejected]));
    for (const chain of own) if (!used.has(chain.id) && hasOnlyEqual(chain, own, choices)) equal.add(chain.id);
  }
  return { pairs, equal };
}

function hasOnlyEqual(chain: PairCandidate, own: readonly PairCandidate[], { pairing }: PairChoices): boolean {
  if (pairing === 'edits') return chain.label && chain.before === chain.text;
  const others = own.filter(
    (other) => other.label !== chain.label && (pairing === 'samples' || ratioOf(chain, other) <= EQUAL_LENGTHS),
  );
  return others.length > 0 && others.every(({ text }) => text === chain.text);
}

function pairsOf(chains: readonly PairCandidate[], { pairing, perProblem, seed }: PairChoices): Pair[] {
  const order = (chain: PairCandidate): number => shuffleKey(chain.id, seed);
  const shuffled = chains.toSorted((a, b) => order(a) - order(b) || (a.id < b.id ? -1 : 1));
  const chosen = shuffled.filter(({ label }) => label);
  if (pairing === 'edits') {
    const edited = chosen.filter(({ text, before = text }) => before !== text).slice(0, perProblem);
    return edited.map(({ id }) => ({ chosen: id, rejected: id }));
  }
  const rejected = shuffled.filter(({ label }) => !label);
  if (pairing === 'samples') return inTurn(chosen, rejected, perProblem);
  return nearest(chosen, rejected, perProblem);
}

/**
 * The next chain of the longer list with the next one of the shorter, both in turn: pair k is long[k mod L] with short[k mod S], shifted by one
 * whenever that would repeat, after each lcm(L, S) pairs. Equal texts are no pair.
 */
function inTurn(chosen: readonly PairCandidate[], rejected: readonly PairCandidate[], most: number): Pair[] {
  const [long, short] = chosen.length >= rejected.length ? [chosen, rejected] : [rejected, chosen];
  if (short.length === 0) return [];
  const repeat = (long.length * short.length) / commonDivisor(long.length, short.length);
  const pairs: Pair[] = [];
  for (let k = 0; k < long.length * short.length && pairs.length < most; k++) {
    const one = long[k % long.length];
    const other = short[(k + Math.floor(k / repeat)) % short.length];
    if (one === undefined || other === undefined || one.text === other.text) continue;
    const [right, wrong] = long === chosen ? [one, other] : [other, one];
    pairs.push({ chosen: right.id, rejected: wrong.id });
  }
  return pairs;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

function ratioOf({ size: one }: PairCandidate, { size: other }: PairCandidate): number {
  return Math.max(one, other) / Math.max(1, Math.min(one, other));
}

/** The pairs of nearly equal length, the most equal first; each chain is used once before any is used again. */
function nearest(chosen: readonly PairCandidate[], rejected: readonly PairCandidate[], most: number): Pair[] {
  const near = chosen
    .flatMap((right) => rejected.map((wrong) => ({ right, wrong, ratio: ratioOf(right, wrong) })))
    .filter(({ right, wrong, ratio }) => ratio <= EQUAL_LENGTHS && right.text !== wrong.text)
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
