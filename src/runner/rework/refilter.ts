import { isDeepStrictEqual } from 'node:util';
import { defined } from '../../core/defined.ts';
import { bandOf, FILTERS, type FilterContext, inBand, type LengthBand, runFilters } from '../../core/filters/index.ts';
import type { Chain, FilterResult, FilterSettings, RoundPlan, RoundSummary } from '../../core/schemas/index.ts';
import type { RefilterResult } from '../../protocol/rework.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { samplingRoundPlan } from '../sampling/plan-sampling.ts';
import { selectPassing } from '../sampling/select-chains.ts';
import { summaryAfter, writeSummaryAfter } from '../summary.ts';
import { KnownProblems, type ReworkContext, withLocks } from './chosen-rounds.ts';

/** Milliseconds between two reports of progress. */
const EVERY_MS = 100;

export interface Refiltering {
  /** From `chosenRounds`. */
  readonly rounds: readonly string[];
  readonly settings: FilterSettings;
  /** Write the new results into the rounds. */
  readonly apply: boolean;
}

/** Runs the filters over the stored chains again, without a model. @throws StoreError `locked` with `apply` when a round is running */
export async function refilterRounds(
  dataset: Dataset,
  { rounds, settings, apply }: Refiltering,
  { signal, log, progress }: ReworkContext,
): Promise<RefilterResult> {
  const began = performance.now();
  const tally = new RefilterTally();
  const problems = new KnownProblems(dataset, log);
  const work = async (): Promise<void> => {
    const total = dataset.index.chains().filter((chain) => rounds.includes(chain.round)).length;
    const context = await filterContextOf(dataset.folder, settings, log);
    let [done, shown] = [0, 0];
    const step = (): void => {
      done += 1;
      if (performance.now() - shown < EVERY_MS) return;
      shown = performance.now();
      progress({ done, total: Math.max(total, done), unit: 'chains' });
    };
    for (const round of rounds) {
      const plan = await dataset.roundPlan(round);
      await refilterRound(plan, { dataset, settings, context, problems, apply, tally, step, signal });
    }
  };
  await (apply ? withLocks(dataset, rounds, work) : work());
  const seconds = (performance.now() - began) / 1000;
  return { applied: apply, settings, ...tally.result, missing: problems.missing.size, seconds };
}

/** Chains read together. */
const BATCH = 128;
const OWN: ReadonlySet<string> = new Set(FILTERS.map(({ id }) => id));

export interface RefilterOptions {
  readonly dataset: Dataset;
  readonly settings: FilterSettings;
  /** The benchmarks; each round has its own band. */
  readonly context: FilterContext;
  readonly problems: KnownProblems;
  /** Write the changes into the round; the caller holds its lock. */
  readonly apply: boolean;
  readonly tally: RefilterTally;
  /** Called after each chain. */
  readonly step: () => void;
  readonly signal: AbortSignal;
}

/** The part of a chain kept between the two passes, to save memory. */
interface Seen {
  readonly chain: Pick<Chain, 'id' | 'problemId' | 'class'>;
  readonly size: number;
  readonly before: ReadonlySet<string>;
  readonly passedBefore: boolean;
  /** Ids of the failed filters without the band. */
  readonly failing: readonly string[];
  /** Whether a line must be written regardless of the length band. */
  readonly isChanged: boolean;
  readonly bandBefore: FilterResult | undefined;
}

/**
 * Runs the filters over the stored chains of one round, without a model and without grading. The first pass runs all filters but the length band,
 * which depends on the others. With `apply`, the second pass appends a line for each changed chain. Texts, spans and verdicts stay, so reviews stay
 * valid.
 * Rejects with the signal's reason when cancelled. Running again may repeat written lines.
 */
async function refilterRound(plan: RoundPlan, options: RefilterOptions): Promise<void> {
  const { dataset, settings, apply, tally, signal } = options;
  const { round } = plan;
  const summary = await dataset.summary(round);
  const entries = dataset.index.chains().filter((chain) => chain.round === round);
  const seen: Seen[] = [];
  for (let from = 0; from < entries.length; from += BATCH) {
    signal.throwIfAborted();
    const chains = await Promise.all(entries.slice(from, from + BATCH).map(({ id }) => dataset.chain(id)));
    for (const chain of chains) {
      seen.push(await inspect(chain, options));
      options.step();
    }
  }
  // A running round has no band yet.
  const band = summary && !settings.off.includes('length-band') ? bandOfSeen(seen, settings) : undefined;
  const now = seen.map((one) => ({ ...one.chain, passed: passes(one, band, settings) }));
  const after = summaryAfter(withoutFilters(summary), plan, now, {
    ...(!isDeepStrictEqual(settings, plan.filters) && { filters: settings }),
    ...(await selectionAfter(dataset, plan, summary, now)),
  });
  for (const one of seen) {
    const result = bandResult(one, band, settings);
    const failing = new Set([...one.failing, ...(result?.passed === false ? ['length-band'] : [])]);
    const { before, passedBefore } = one;
    tally.chain(round, one.chain.id, { before, after: failing, passedBefore, changed: isChanged(one, result) });
  }
  tally.quota(round, summary?.quotaDropped ?? [], after?.quotaDropped ?? []);
  if (!apply) return;
  await write(
    seen.filter((one) => isChanged(one, bandResult(one, band, settings))),
    band,
    plan,
    options,
  );
  await writeSummaryAfter(dataset, round, after);
}

function withoutFilters(summary: RoundSummary | undefined): RoundSummary | undefined {
  if (!summary) return undefined;
  const { filters: _, ...rest } = summary;
  return rest;
}

/** Selects the responses of a finished sampling round again, since other ones may pass now. */
async function selectionAfter(
  dataset: Dataset,
  plan: RoundPlan,
  summary: RoundSummary | undefined,
  chains: readonly Pick<Chain, 'id' | 'passed'>[],
): Promise<Partial<RoundSummary>> {
  if (plan.kind !== 'sampling' || !summary?.sampling) return {};
  const passing = new Set(chains.flatMap(({ id, passed }) => (passed ? [id] : [])));
  const { kept, left, overQuota } = await selectPassing(dataset, samplingRoundPlan(plan), passing);
  return { quotaDropped: overQuota, sampling: { ...summary.sampling, kept, left } };
}

async function inspect(chain: Chain, options: RefilterOptions): Promise<Seen> {
  const results = await filtersOf(chain, options);
  const failing = (filters: readonly FilterResult[]): string[] =>
    filters.flatMap(({ id, passed }) => (passed ? [] : id));
  const unbanded = ({ filters }: Pick<Chain, 'filters'>) => filters.filter(({ id }) => id !== 'length-band');
  const { id, problemId, class: chainClass } = chain;
  return {
    chain: { id, problemId, ...defined({ class: chainClass }) },
    size: chain.text.length,
    before: new Set(failing(chain.filters)),
    passedBefore: chain.passed,
    failing: failing(results),
    isChanged: !isDeepStrictEqual(unbanded(chain), results),
    bandBefore: chain.filters.find((filter) => filter.id === 'length-band'),
  };
}

/** The results of all filters but the band; results of no filter, such as `assembled-as`, stay. */
async function filtersOf(chain: Chain, { settings, context, problems }: RefilterOptions): Promise<FilterResult[]> {
  const { text, segments, pieces, verdict, tokens, spans, repairs, class: chainClass } = chain;
  const problem = await problems.text(chain.problemId);
  // An imported chain is one segment, whatever its pieces.
  const parts = chain.origin === 'imported' ? {} : { segments };
  const subject = { class: chainClass, text, problem, pieces, ...parts, verdict, tokens, spans, repairs };
  const others = chain.filters.filter(({ id }) => !OWN.has(id));
  return [...runFilters(subject, settings, context), ...others];
}

function bandOfSeen(seen: readonly Seen[], settings: FilterSettings): LengthBand {
  const good = seen.filter(({ failing }) => failing.length === 0);
  return bandOf(
    good.map(({ size }) => size),
    settings,
  );
}

function bandResult({ size }: Seen, band: LengthBand | undefined, settings: FilterSettings): FilterResult | undefined {
  return band && { id: 'length-band', ...inBand(size, band, settings) };
}

function passes(one: Seen, band: LengthBand | undefined, settings: FilterSettings): boolean {
  return one.failing.length === 0 && (bandResult(one, band, settings)?.passed ?? true);
}

function isChanged(one: Seen, result: FilterResult | undefined): boolean {
  return one.isChanged || !isDeepStrictEqual(one.bandBefore, result);
}

/** Appends the changed chains in batches. */
async function write(
  changed: readonly Seen[],
  band: LengthBand | undefined,
  { round }: RoundPlan,
  options: RefilterOptions,
): Promise<void> {
  const { dataset, signal } = options;
  const withBand = { ...options, context: { ...options.context, ...defined({ band }) } };
  for (let from = 0; from < changed.length; from += BATCH) {
    signal.throwIfAborted();
    const lines: Chain[] = [];
    for (const { chain } of changed.slice(from, from + BATCH)) {
      const stored = await dataset.chain(chain.id);
      const filters = await filtersOf(stored, withBand);
      // The lines of a renamed or copied round have its old name.
      lines.push({ ...stored, round, filters, passed: filters.every(({ passed }) => passed) });
    }
    await dataset.appendChains(round, lines);
  }
}

type Moved = RefilterResult['filters'][number];
type RoundCount = RefilterResult['rounds'][number];

/** Most listed ids for each kind of change. */
const LISTED = 1000;

interface ChainChange {
  /** Ids of the failed filters. */
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
  passedBefore: boolean;
  /** Whether any result differs. */
  changed: boolean;
}

/** Counts the changes of a refiltering. */
export class RefilterTally {
  readonly #filters = new Map<string, Moved>();
  readonly #rounds = new Map<string, RoundCount>();
  readonly #chains = { rejected: 0, passed: 0, newlyRejected: [] as string[], newlyPassed: [] as string[] };

  /** Called once for each chain. */
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

  /** The chains filtered out by the quota of a round, before and now. */
  quota(round: string, before: readonly string[], after: readonly string[]): void {
    const count = this.#round(round);
    count.quotaBefore = before.length;
    count.quotaAfter = after.length;
  }

  get result(): Pick<RefilterResult, 'filters' | 'rounds' | 'newlyRejected' | 'newlyPassed' | 'rejected' | 'passed'> {
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
