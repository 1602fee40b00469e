import { FILTERS } from '../core/filters/index.ts';
import type { VerbResult } from '../protocol/verbs.ts';

type Result = VerbResult<'refilter'>;
type Moved = Result['filters'][number];
type RoundCount = Result['rounds'][number];

/** Ids that are listed of each kind of change, at most. */
const LISTED = 1000;

interface ChainChange {
  /** Ids of the filters that reject it. */
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
  passedBefore: boolean;
  /** Whether anything of its results differs. */
  changed: boolean;
}

/** Counts what a refiltering finds. */
export class RefilterTally {
  readonly #filters = new Map<string, Moved>();
  readonly #rounds = new Map<string, RoundCount>();
  readonly #chains = { rejected: 0, passed: 0, newlyRejected: [] as string[], newlyPassed: [] as string[] };

  /** Each chain once. */
  chain(round: string, id: string, { before, after, passedBefore, changed }: ChainChange): void {
    for (const filter of new Set([...before, ...after])) this.#move(filter, id, before.has(filter), after.has(filter));
    const count = this.#round(round);
    const passes = after.size === 0;
    count.chains += 1;
    if (changed) count.changed += 1;
    if (passedBefore) count.passedBefore += 1;
    if (passes) count.passedAfter += 1;
    if (passedBefore && !passes) list(this.#chains.newlyRejected, id, () => (this.#chains.rejected += 1));
    if (!passedBefore && passes) list(this.#chains.newlyPassed, id, () => (this.#chains.passed += 1));
  }

  /** What the quota of a round left out, and leaves out now. */
  quota(round: string, before: readonly string[], after: readonly string[]): void {
    const count = this.#round(round);
    count.quotaBefore = before.length;
    count.quotaAfter = after.length;
  }

  get result(): Pick<Result, 'filters' | 'rounds' | 'newlyRejected' | 'newlyPassed' | 'rejected' | 'passed'> {
    const place = (id: string): number => FILTERS.findIndex((rule) => rule.id === id) + 1 || FILTERS.length + 1;
    const filters = [...this.#filters.values()].sort((a, b) => place(a.id) - place(b.id));
    return { filters, rounds: [...this.#rounds.values()], ...this.#chains };
  }

  #move(filter: string, id: string, was: boolean, is: boolean): void {
    const none = { id: filter, before: 0, after: 0, rejected: 0, passed: 0, newlyRejected: [], newlyPassed: [] };
    const moved = this.#filters.get(filter) ?? none;
    this.#filters.set(filter, moved);
    if (was) moved.before += 1;
    if (is) moved.after += 1;
    if (is && !was) list(moved.newlyRejected, id, () => (moved.rejected += 1));
    if (was && !is) list(moved.newlyPassed, id, () => (moved.passed += 1));
  }

  #round(round: string): RoundCount {
    const none = { round, chains: 0, changed: 0, passedBefore: 0, passedAfter: 0, quotaBefore: 0, quotaAfter: 0 };
    const count = this.#rounds.get(round) ?? none;
    this.#rounds.set(round, count);
    return count;
  }
}

function list(ids: string[], id: string, count: () => void): void {
  count();
  if (ids.length < LISTED) ids.push(id);
}
