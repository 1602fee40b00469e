import { randomSource, shuffleKey } from '../maths/random.ts';
import { compare } from '../text/compare.ts';
import { plural } from '../text/format.ts';

/** A chain that can be drawn as a row. */
export interface Drawable {
  id: string;
  /** Completion tokens. */
  tokens: number;
  /** Rows are drawn stratum by stratum: a problem, or a part of a mixture. */
  stratum: string;
}

/** The chains that an arm draws from. */
export interface Pool<C extends Drawable> {
  chains: readonly C[];
  /** Share of the rows of each stratum, 0 to 1, in all 1; without shares, strata have no meaning. */
  shares?: ReadonlyMap<string, number>;
  /** Pools with the same seed order their common chains in the same way. */
  seed: number;
}

export interface Matching {
  /** Most rows of an arm. */
  rows?: number | undefined;
  /** Accepted difference of the tokens of two arms, as a share of the tokens of an arm. */
  tolerance: number;
  /** Each arm has the same number of rows of each stratum. */
  sameStrata: boolean;
  /** Place of the pool of which all chains are rows. The others have as many of each stratum, and of random other strata where they have too few. */
  keepAll?: number | undefined;
}

export interface Matched<C extends Drawable> {
  /** The rows of each pool, as stored. All have the same number of rows. */
  rows: C[][];
  tokens: number[];
  /** The arms differ by the tolerance at most. */
  isMatched: boolean;
}

/** Random proposals of a swap for each row, before the nearest fitting chain is taken. */
const PROPOSALS = 20;
const EVERY = '';

/**
 * Draws the same number of rows from each pool, with about the same number of tokens. Rows are random. Where their tokens differ by more than the tolerance,
 * single rows are swapped for longer or shorter ones of the same stratum until the tokens agree. Where that is not possible, fewer rows are drawn. The same pools always give the same rows.
 * @throws RangeError where a pool has fewer chains than the one that is kept whole
 */
export function drawMatched<C extends Drawable>(pools: readonly Pool<C>[], matching: Matching): Matched<C> {
  const hasStrata = matching.sameStrata || matching.keepAll !== undefined;
  const strata = pools.map((pool) => stratified(pool, hasStrata));
  const quotas = quotasOf(pools, strata, matching);
  const arms = pools.map((pool, i) => new Arm(strata[i] ?? new Map(), quotas[i] ?? new Map(), pool.seed));
  const low = Math.max(...arms.map(({ least }) => least));
  const high = Math.min(...arms.map(({ most }) => most));
  const mean = arms.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, arms.length);
  const target = low <= high ? Math.min(high, Math.max(low, mean)) : (low + high) / 2;
  const agree = (): boolean => {
    const most = Math.max(0, ...arms.map(({ tokens }) => tokens));
    return arms.every(({ tokens }) => most - tokens <= matching.tolerance * most + 1e-9);
  };
  if (!agree()) for (const arm of arms) arm.approach(target, (matching.tolerance / 2) * target);
  const rows = arms.map((arm, i) => inOrder(pools[i]?.chains ?? [], arm.rows));
  return { rows, tokens: arms.map(({ tokens }) => tokens), isMatched: agree() };
}

type Strata<C> = ReadonlyMap<string, readonly C[]>;
type Quotas = ReadonlyMap<string, number>;

/** The chains of each stratum, the shortest first. */
function stratified<C extends Drawable>({ chains, shares }: Pool<C>, hasStrata: boolean): Strata<C> {
  const strata = new Map<string, C[]>();
  for (const chain of chains) {
    const stratum = hasStrata || shares ? chain.stratum : EVERY;
    const same = strata.get(stratum);
    if (same) same.push(chain);
    else strata.set(stratum, [chain]);
  }
  for (const same of strata.values()) same.sort((a, b) => a.tokens - b.tokens || compare(a.id, b.id));
  return strata;
}

/** The rows of each stratum of each pool. */
function quotasOf<C extends Drawable>(
  pools: readonly Pool<C>[],
  strata: readonly Strata<C>[],
  { rows = Number.POSITIVE_INFINITY, tolerance, sameStrata, keepAll }: Matching,
): Quotas[] {
  const kept = keepAll === undefined ? undefined : strata[keepAll];
  if (kept) {
    const whole = new Map([...kept].map(([name, chains]): [string, number] => [name, chains.length]));
    return strata.map((pool, i) => (pool === kept ? whole : filledQuota(pool, whole, pools[i]?.seed ?? 0)));
  }
  const common = sameStrata ? commonStrata(strata, pools[0]?.seed ?? 0) : [];
  const quotasFor = (n: number): Quotas[] =>
    sameStrata ? pools.map(() => commonQuota(common, n)) : pools.map(({ shares }) => sharesOf(n, shares));
  const hasEnough = (n: number): boolean =>
    quotasFor(n).every((quota, i) => [...quota].every(([of, count]) => count <= (strata[i]?.get(of)?.length ?? 0)));
  const canMatch = (n: number): boolean => {
    const ranges = quotasFor(n).map((quota, i) => rangeOf(strata[i] ?? new Map(), quota));
    return Math.max(...ranges.map(([low]) => low)) * (1 - tolerance) <= Math.min(...ranges.map(([, high]) => high));
  };
  const all = common.reduce((sum, [, count]) => sum + count, 0);
  const limit = Math.min(rows, ...(sameStrata ? [all] : pools.map(({ chains }) => chains.length)));
  const most = largest(limit, hasEnough);
  const matching = largest(most, canMatch);
  return quotasFor(matching === 0 ? most : matching);
}

/** As many rows of each stratum as far as the pool has them, and of random chains of the pool for those that it lacks. */
function filledQuota<C>(pool: Strata<C>, whole: Quotas, seed: number): Quotas {
  const quota = new Map<string, number>();
  let missing = 0;
  for (const [name, count] of whole) {
    const found = Math.min(count, pool.get(name)?.length ?? 0);
    quota.set(name, found);
    missing += count - found;
  }
  const spare = [...pool].flatMap(([name, chains]) =>
    Array.from({ length: chains.length - (quota.get(name) ?? 0) }, (_, i) => ({
      name,
      key: shuffleKey(`${name} ${i}`, seed),
    })),
  );
  if (spare.length < missing) throw new RangeError(`a pool lacks ${plural(missing - spare.length, 'chain')}`);
  spare.sort((a, b) => a.key - b.key || compare(a.name, b.name));
  for (const { name } of spare.slice(0, missing)) quota.set(name, (quota.get(name) ?? 0) + 1);
  return quota;
}

/** The largest number from 0 to `most` for which a test that holds below it holds. */
function largest(most: number, holds: (n: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function sharesOf(rows: number, shares: ReadonlyMap<string, number> | undefined): Quotas {
  if (shares === undefined) return new Map([[EVERY, rows]]);
  const quotas = new Map<string, number>();
  let left = rows;
  for (const [i, [stratum, share]] of [...shares].entries()) {
    const count = i === shares.size - 1 ? left : Math.min(left, Math.round(rows * share));
    quotas.set(stratum, count);
    left -= count;
  }
  return quotas;
}

/** The strata of all pools in a random order, each with the rows that every pool has of it. */
function commonStrata<C extends Drawable>(strata: readonly Strata<C>[], seed: number): [string, number][] {
  return [...(strata[0]?.keys() ?? [])]
    .map((name): [string, number] => [name, Math.min(...strata.map((pool) => pool.get(name)?.length ?? 0))])
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => shuffleKey(a, seed) - shuffleKey(b, seed) || compare(a, b));
}

/** A row of each stratum in turn, until there are enough: many strata with few rows, not few with many. */
function commonQuota(common: readonly (readonly [string, number])[], rows: number): Quotas {
  const quotas = new Map<string, number>();
  let left = rows;
  for (let taken = 0; left > 0; taken++) {
    const open = common.filter(([, count]) => count > taken).slice(0, left);
    if (open.length === 0) break;
    for (const [name] of open) quotas.set(name, taken + 1);
    left -= open.length;
  }
  return quotas;
}

/** The fewest and the most tokens of the rows. */
function rangeOf<C extends Drawable>(strata: Strata<C>, quotas: Quotas): [number, number] {
  let least = 0;
  let most = 0;
  for (const [stratum, count] of quotas) {
    const chains = strata.get(stratum) ?? [];
    for (let i = 0; i < count; i++) {
      least += chains[i]?.tokens ?? 0;
      most += chains[chains.length - 1 - i]?.tokens ?? 0;
    }
  }
  return [least, most];
}

/** The rows of one arm, and the chains of its strata that are no row. */
class Arm<C extends Drawable> {
  readonly least: number;
  readonly most: number;
  tokens = 0;
  readonly #taken = new Map<string, C[]>();
  readonly #rest = new Map<string, C[]>();
  readonly #random: () => number;

  constructor(strata: Strata<C>, quotas: Quotas, seed: number) {
    [this.least, this.most] = rangeOf(strata, quotas);
    this.#random = randomSource(seed);
    for (const [stratum, count] of quotas) {
      const keyed = (strata.get(stratum) ?? []).map((chain) => ({ chain, key: shuffleKey(chain.id, seed) }));
      keyed.sort((a, b) => a.key - b.key || compare(a.chain.id, b.chain.id));
      const order = keyed.map(({ chain }) => chain);
      this.#taken.set(stratum, order.slice(0, count));
      this.#rest.set(stratum, order.slice(count));
      for (const { tokens } of order.slice(0, count)) this.tokens += tokens;
    }
  }

  get rows(): C[] {
    return [...this.#taken.values()].flat();
  }

  /** Swaps rows until the tokens are near the target, or no swap brings them nearer. */
  approach(target: number, near: number): void {
    const swappable = [...this.#taken].flatMap(([stratum, taken]) => {
      const rest = this.#rest.get(stratum) ?? [];
      return taken.length > 0 && rest.length > 0 ? [{ taken, rest }] : [];
    });
    const total = swappable.reduce((sum, { taken }) => sum + taken.length, 0);
    for (let i = 0; i < PROPOSALS * total && Math.abs(target - this.tokens) > near; i++) {
      const of = swappable[Math.floor(this.#random() * swappable.length)];
      if (of) this.#swap(of, this.#anyOf(of.taken), this.#anyOf(of.rest), target);
    }
    let moved = true;
    while (moved && Math.abs(target - this.tokens) > near) {
      moved = false;
      for (const of of swappable)
        for (let at = 0; at < of.taken.length; at++) moved = this.#fit(of, at, target) || moved;
    }
  }

  #anyOf(chains: readonly C[]): number {
    return Math.floor(this.#random() * chains.length);
  }

  /** Swaps a row for the chain that brings the tokens nearest to the target. */
  #fit(of: { taken: C[]; rest: C[] }, at: number, target: number): boolean {
    const wanted = (of.taken[at]?.tokens ?? 0) + target - this.tokens;
    let best = 0;
    for (const [i, { tokens }] of of.rest.entries())
      if (Math.abs(tokens - wanted) < Math.abs((of.rest[best]?.tokens ?? 0) - wanted)) best = i;
    return this.#swap(of, at, best, target);
  }

  #swap({ taken, rest }: { taken: C[]; rest: C[] }, at: number, with_: number, target: number): boolean {
    const [row, other] = [taken[at], rest[with_]];
    if (row === undefined || other === undefined) return false;
    const after = this.tokens + other.tokens - row.tokens;
    if (Math.abs(target - after) >= Math.abs(target - this.tokens)) return false;
    taken[at] = other;
    rest[with_] = row;
    this.tokens = after;
    return true;
  }
}

function inOrder<C extends Drawable>(chains: readonly C[], rows: readonly C[]): C[] {
  const taken = new Set(rows);
  return chains.filter((chain) => taken.has(chain));
}
