import { isDeepStrictEqual } from 'node:util';
import { bandOf, FILTERS, type FilterContext, inBand, type LengthBand, runFilters } from '../core/filters/index.ts';
import type { Chain, FilterResult, FilterSettings, RoundPlan, RoundSummary } from '../core/model/index.ts';
import { selectPassing } from '../runner/sampling/select-chains.ts';
import { samplingRoundPlan } from '../runner/sampling/work.ts';
import type { Dataset } from '../store/index.ts';
import type { KnownProblems } from './chosen-rounds.ts';
import type { RefilterTally } from './refilter-tally.ts';
import { summaryAfter, writeSummaryAfter } from './rewrite-summary.ts';

/** Chains that are read at once. */
const BATCH = 128;
const OWN: ReadonlySet<string> = new Set(FILTERS.map(({ id }) => id));

export interface RefilterOptions {
  readonly dataset: Dataset;
  readonly settings: FilterSettings;
  /** The benchmarks; the band is the round's own. */
  readonly context: FilterContext;
  readonly problems: KnownProblems;
  /** Write what changed into the round; its lock is held by the caller. */
  readonly apply: boolean;
  readonly tally: RefilterTally;
  /** Called after each chain. */
  readonly step: () => void;
  readonly signal: AbortSignal;
}

/** What is kept of a chain between the two passes: a round of 100,000 chains must not be held in memory. */
interface Seen {
  readonly chain: Pick<Chain, 'id' | 'problemId' | 'class'>;
  readonly size: number;
  readonly before: ReadonlySet<string>;
  readonly passedBefore: boolean;
  /** Ids of the filters, the band left out, that reject it now. */
  readonly failing: readonly string[];
  /** Whether a line has to be written, whatever the band says. */
  readonly isChanged: boolean;
  readonly bandBefore: FilterResult | undefined;
}

/**
 * Runs the filters over the stored chains of one round, without a model and without grading: by a first pass all but the band of lengths,
 * which is known then; by a second one, with `apply`, a later line for each chain of which a result changed. Texts, spans and verdicts stay, so
 * reviews stay valid. Rejects with the signal's reason when cancelled; what was written until then may be written again.
 */
export async function refilterRound(plan: RoundPlan, options: RefilterOptions): Promise<void> {
  const { dataset, settings, apply, tally, signal } = options;
  const { round } = plan;
  const summary = await dataset.summary(round);
  const entries = dataset.index.chains().filter((chain) => chain.round === round);
  const seen: Seen[] = [];
  for (let from = 0; from < entries.length; from += BATCH) {
    signal.throwIfAborted();
    const chains = await Promise.all(entries.slice(from, from + BATCH).map(({ id }) => dataset.chain(id)));
    for (const chain of chains) {
      seen.push(await look(chain, options));
      options.step();
    }
  }
  // Of a round that goes on, the others are not known yet.
  const band = summary && !settings.off.includes('length-band') ? bandOfSeen(seen, settings) : undefined;
  const now = seen.map((one) => ({ ...one.chain, passed: passes(one, band, settings) }));
  const after = summaryAfter(withoutFilters(summary), plan, now, {
    ...(isDeepStrictEqual(settings, plan.filters) ? {} : { filters: settings }),
    ...(await selectionAfter(dataset, plan, summary, now)),
  });
  for (const one of seen) {
    const result = bandResult(one, band, settings);
    const failing = new Set([...one.failing, ...(result?.passed === false ? ['length-band'] : [])]);
    const changed = isChanged(one, result);
    tally.chain(round, one.chain.id, { before: one.before, after: failing, passedBefore: one.passedBefore, changed });
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

/** Of a sampling round that has ended, the responses are selected anew: one that passes only now may not be among those kept. */
async function selectionAfter(
  dataset: Dataset,
  plan: RoundPlan,
  summary: RoundSummary | undefined,
  chains: readonly Pick<Chain, 'id' | 'passed'>[],
): Promise<Partial<RoundSummary>> {
  if (plan.kind !== 'sampling' || !summary?.sampling) return {};
  const passing = new Set(chains.flatMap(({ id, passed }) => (passed ? [id] : [])));
  const { kept, left, dropped } = await selectPassing(dataset, samplingRoundPlan(plan), passing);
  return { quotaDropped: dropped, sampling: { ...summary.sampling, kept, left } };
}

async function look(chain: Chain, options: RefilterOptions): Promise<Seen> {
  const results = await filtersOf(chain, options);
  const failing = (filters: readonly FilterResult[]): string[] =>
    filters.flatMap(({ id, passed }) => (passed ? [] : id));
  const unbanded = ({ filters }: Pick<Chain, 'filters'>) => filters.filter(({ id }) => id !== 'length-band');
  const { id, problemId, class: chainClass } = chain;
  return {
    chain: { id, problemId, ...(chainClass ? { class: chainClass } : {}) },
    size: chain.text.length,
    before: new Set(failing(chain.filters)),
    passedBefore: chain.passed,
    failing: failing(results),
    isChanged: !isDeepStrictEqual(unbanded(chain), results),
    bandBefore: chain.filters.find((filter) => filter.id === 'length-band'),
  };
}

/** What all filters but the band say now; results that are no filter's, such as `assembled-as`, stand. */
async function filtersOf(chain: Chain, { settings, context, problems }: RefilterOptions): Promise<FilterResult[]> {
  const { text, segments, pieces, verdict, tokens, class: chainClass } = chain;
  const problem = await problems.text(chain.problemId);
  // A chain that was never assembled is one segment, whatever its pieces.
  const parts = chain.origin === 'imported' ? {} : { segments };
  const subject = { class: chainClass, text, problem, pieces, ...parts, verdict, tokens };
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

/** Appends the changed chains, batch by batch. */
async function write(
  changed: readonly Seen[],
  band: LengthBand | undefined,
  { round }: RoundPlan,
  options: RefilterOptions,
): Promise<void> {
  const { dataset, signal } = options;
  const withBandNow = { ...options, context: { ...options.context, ...(band ? { band } : {}) } };
  for (let from = 0; from < changed.length; from += BATCH) {
    signal.throwIfAborted();
    const lines: Chain[] = [];
    for (const { chain } of changed.slice(from, from + BATCH)) {
      const stored = await dataset.chain(chain.id);
      const filters = await filtersOf(stored, withBandNow);
      // The folder is the truth: a round that was renamed or copied keeps the old name in its lines.
      lines.push({ ...stored, round, filters, passed: filters.every(({ passed }) => passed) });
    }
    await dataset.appendChains(round, lines);
  }
}
