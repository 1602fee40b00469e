import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { resolvePolicy } from '../core/answers/policies.ts';
import { CONNECTIVES_FILE, type Connectives, connectivesOf } from '../core/dialogue/index.ts';
import type { FilterContext } from '../core/filters/index.ts';
import {
  type AssemblySettings,
  type Chain,
  DialogueSettings,
  type FilterResult,
  type FilterSettings,
  type Problem,
  type RoundPlan,
  type RoundSummary,
} from '../core/model/index.ts';
import { chainCandidates } from '../grading/candidates.ts';
import { GradingPool } from '../grading/pool.ts';
import type { ReassembledChain, ReassembleResult } from '../protocol/dialogue-verbs.ts';
import { joinChain } from '../runner/join-chain.ts';
import { promptsHash } from '../runner/plan.ts';
import { type SummarisedChain, summariseChains } from '../runner/summary.ts';
import { filterContextOf } from '../store/benchmarks.ts';
import { type Dataset, StoreError } from '../store/index.ts';
import type { VerbContext } from './context.ts';
import { changeOf } from './reassembled-chain.ts';

/** Chains that are read at once. */
const BATCH = 64;
const LISTED = 1000;
/** Acts whose offsets or span ids stand on the text as it was. */
const ON_TEXT: ReadonlySet<string> = new Set(['edit', 'label', 'unlabel', 'respan']);

/** Counts what changes, while it is found. */
export class ReassembleTally {
  readonly result: Omit<ReassembleResult, 'applied' | 'settings' | 'seconds'> = {
    ...{ chains: 0, changed: 0, texts: 0, masks: 0, passedBefore: 0, passedAfter: 0, reviewed: 0, missing: 0 },
    keptBefore: { FT: 0, TT: 0, TF: 0, FF: 0 },
    keptAfter: { FT: 0, TT: 0, TF: 0, FF: 0 },
    listed: [],
  };

  add(change: ReassembledChain): void {
    const { result } = this;
    const { id: _, round: __, ...what } = change;
    if (Object.keys(what).length === 0) return;
    result.changed += 1;
    if (change.text) result.texts += 1;
    if (change.mask) result.masks += 1;
    if (result.listed.length < LISTED) result.listed.push(change);
  }
}

export interface ReassembleOptions {
  readonly dataset: Dataset;
  readonly settings: AssemblySettings;
  /** Write what changed; the round's lock is held by the caller. */
  readonly apply: boolean;
  readonly tally: ReassembleTally;
  readonly context: VerbContext;
}

interface Assembly {
  readonly connectives: Connectives;
  readonly filters: FilterSettings;
  readonly filterContext: FilterContext;
}

/** What is kept of a chain until the whole round is known: its texts would not fit. */
interface Seen {
  readonly change: ReassembledChain;
  readonly chain: SummarisedChain;
  readonly keptBefore: boolean;
}

/**
 * Assembles the chains of one dialogue round again from their stored pieces, without a model. A chain whose text somebody has edited or
 * labelled keeps its text, so that every review stays valid; its loss mask follows.
 */
export class RoundReassembler {
  readonly #options: ReassembleOptions;
  readonly #plan: RoundPlan;

  constructor(plan: RoundPlan, options: ReassembleOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Rejects with the signal's reason when cancelled; what was written until then may be written again. */
  async run(): Promise<void> {
    const { dataset, apply, tally, context } = this.#options;
    const { round } = this.#plan;
    const summary = await dataset.summary(round);
    if (!summary) {
      context.log(`Round ${round} has not come to its end; it is left out.`);
      return;
    }
    const prompts = await dataset.prompts(this.#plan.promptSet);
    const filters = summary.filters ?? this.#plan.filters ?? dataset.settings.filters;
    const filterContext = await filterContextOf(dataset.folder, filters, context.log);
    const assembly = { connectives: connectivesOf(prompts), filters, filterContext };
    const dropped = new Set(summary.quotaDropped);
    const ids = dataset.index.chains().flatMap((chain) => (chain.round === round ? chain.id : []));
    const seen: Seen[] = [];
    await this.#each(ids, async (chain) => {
      const after = await this.#again(chain, assembly, true);
      const change = changeOf(chain, after);
      const { id, problemId, passed, class: chainClass } = after;
      const one = { id, problemId, passed, ...(chainClass ? { class: chainClass } : {}) };
      seen.push({ change, chain: one, keptBefore: chain.passed && !dropped.has(id) });
      tally.result.passedBefore += Number(chain.passed);
      tally.result.passedAfter += Number(passed);
    });
    const after = this.#summaryAfter(summary, seen, prompts[CONNECTIVES_FILE]);
    this.#count(summary, after, seen);
    if (!apply) return;
    await this.#write(seen, assembly);
    if (!isDeepStrictEqual(summary, after)) await dataset.writeSummary(round, after);
  }

  async #each(ids: readonly string[], work: (chain: Chain) => Promise<void>): Promise<void> {
    const { dataset, context } = this.#options;
    for (let from = 0; from < ids.length; from += BATCH) {
      context.signal.throwIfAborted();
      const chains = await Promise.all(ids.slice(from, from + BATCH).map((id) => dataset.chain(id)));
      // The folder is the truth: a round that was renamed or copied keeps the old name in its lines.
      for (const chain of chains) await work({ ...chain, round: this.#plan.round });
      const done = Math.min(from + BATCH, ids.length);
      context.progress({ done, total: ids.length, unit: 'chains', message: this.#plan.round });
    }
  }

  /** The chain assembled again; the very same where it cannot be, or need not. */
  async #again(chain: Chain, assembly: Assembly, counts: boolean): Promise<Chain> {
    const { dataset, settings, tally } = this.#options;
    if (chain.origin !== 'dialogue' || !chain.class || chain.class === 'FF') return chain;
    if (counts) tally.result.chains += 1;
    const acts = await dataset.reviewActs(chain.id);
    const segments = chain.segments.map((segment) => ({
      ...segment,
      train: !settings.untrained.includes(segment.piece),
    }));
    if (acts.some(({ act }) => ON_TEXT.has(act))) {
      if (counts) tally.result.reviewed += 1;
      return { ...chain, segments };
    }
    const problem = await this.#problem(chain.problemId);
    if (!problem) {
      if (counts) tally.result.missing += 1;
      return { ...chain, segments };
    }
    const { class: chainClass, filters: measured } = chain;
    const filterContext = { ...assembly.filterContext, ...bandIn(measured) };
    const { untrained } = settings;
    const joined = joinChain({ ...chain, class: chainClass }, problem, { ...assembly, filterContext, untrained });
    // What no text has changed for is not filtered again: `longhand refilter` does that.
    return joined.text === chain.text ? { ...chain, segments: joined.segments } : joined;
  }

  async #problem(id: string): Promise<Problem | undefined> {
    try {
      return await this.#options.dataset.problem(id);
    } catch (error) {
      if (error instanceof StoreError && error.problem === 'unknown-problem') return undefined;
      throw error;
    }
  }

  #summaryAfter(summary: RoundSummary, seen: readonly Seen[], connectives: string | undefined): RoundSummary {
    const { settings } = this.#options;
    const plan = this.#plan;
    const { assembly: before, ...rest } = summary;
    const counted = summariseChains(
      seen.map(({ chain }) => chain),
      plan.seed ?? 0,
      settings,
    );
    const hash = connectives === undefined ? {} : { connectivesHash: promptsHash({ connectives }) };
    const now = { ...settings, ...hash };
    const planned = plan.dialogue ?? DialogueSettings.parse({});
    const isPlanned =
      isDeepStrictEqual(settings, {
        keepPerProblem: planned.keepPerProblem,
        firstWrongShare: planned.firstWrongShare,
        untrained: planned.untrained,
      }) && plan.prompts?.[CONNECTIVES_FILE] === connectives;
    if (isPlanned) return { ...rest, ...counted };
    const { at = '', ...said } = before ?? {};
    const isSame = before !== undefined && isDeepStrictEqual(said, now);
    return { ...rest, ...counted, assembly: { ...now, at: isSame ? at : new Date().toISOString() } };
  }

  #count(before: RoundSummary, after: RoundSummary, seen: readonly Seen[]): void {
    const { tally } = this.#options;
    const dropped = new Set(after.quotaDropped);
    for (const { change, chain, keptBefore } of seen) {
      const keptAfter = chain.passed && !dropped.has(chain.id);
      tally.add(keptBefore === keptAfter ? change : { ...change, kept: { before: keptBefore, after: keptAfter } });
    }
    for (const name of ['FT', 'TT', 'TF', 'FF'] as const) {
      tally.result.keptBefore[name] += before.kept[name] ?? 0;
      tally.result.keptAfter[name] += after.kept[name] ?? 0;
    }
  }

  /** Appends the chains that changed, batch by batch, with what grading says of the values in a new text. */
  async #write(seen: readonly Seen[], assembly: Assembly): Promise<void> {
    const { dataset, context } = this.#options;
    const { round } = this.#plan;
    const policy = this.#plan.grading ?? resolvePolicy(dataset.settings.grading);
    const changed = seen.flatMap(({ change: { id, text, mask } }) => (text || mask ? id : []));
    const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
    try {
      await this.#each(changed, async (chain) => {
        const after = await this.#again(chain, assembly, false);
        const problem = after.text === chain.text ? undefined : await this.#problem(chain.problemId);
        const candidates = problem && (await chainCandidates(pool, after.text, problem, policy, context.signal));
        await dataset.appendChains(round, [candidates ? { ...after, candidates } : after]);
      });
    } finally {
      await pool.close();
    }
  }
}

/** The band of its round as it was measured last: a few other words do not move it. */
function bandIn(filters: readonly FilterResult[]): Pick<FilterContext, 'band'> {
  const threshold = filters.find(({ id }) => id === 'length-band')?.threshold;
  const [, low, high] = /^(\d+) to (\d+)$/.exec(String(threshold)) ?? [];
  if (low === undefined || high === undefined) return {};
  return { band: { low: Number(low), high: Number(high), chains: Number.MAX_SAFE_INTEGER } };
}
