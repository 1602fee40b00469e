import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Head } from '../../core/behaviours/head/inputs.ts';
import { defined } from '../../core/defined.ts';
import { CONNECTIVES_FILE, type Connectives, connectivesOf } from '../../core/dialogue/index.ts';
import type { FilterContext } from '../../core/filters/index.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import {
  type AssemblySettings,
  type Chain,
  DialogueSettings,
  type FilterResult,
  type FilterSettings,
  type Problem,
  type RoundPlan,
  type RoundSummary,
} from '../../core/schemas/index.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import { GradingPool } from '../../grading/pool.ts';
import type { RebuildResult, RebuiltChain } from '../../protocol/rework.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { headInUse } from '../classifier/head.ts';
import { joinChain } from '../dialogue/join-chain.ts';
import { promptsHash } from '../plan-round.ts';
import { type SummarisedChain, summariseChains } from '../summary.ts';
import { type ReworkContext, withLocks } from './chosen-rounds.ts';

export interface Rebuilding {
  /** From `chosenRounds`. */
  readonly rounds: readonly string[];
  readonly settings: AssemblySettings;
  /** Write the chains into the rounds. */
  readonly apply: boolean;
}

/** Joins the stored pieces of dialogue chains again, without a model. @throws StoreError `locked` with `apply` when a round is running */
export async function rebuildRounds(
  dataset: Dataset,
  { rounds, settings, apply }: Rebuilding,
  context: ReworkContext,
): Promise<RebuildResult> {
  const began = performance.now();
  const tally = new RebuildTally();
  const work = async (): Promise<void> => {
    for (const round of rounds) {
      const plan = await dataset.roundPlan(round);
      if (plan.kind !== 'dialogue') continue;
      await new RoundRebuilder(plan, { dataset, settings, apply, tally, context }).run();
    }
  };
  await (apply ? withLocks(dataset, rounds, work) : work());
  return { applied: apply, settings, ...tally.result, seconds: (performance.now() - began) / 1000 };
}

/** Chains read together. */
const BATCH = 64;
const LISTED = 1000;
/** Acts whose offsets or span ids refer to the original text. */
const ON_TEXT: ReadonlySet<string> = new Set(['edit', 'label', 'unlabel', 'respan', 'step', 'first-wrong-step']);

/** Counts the changes. */
export class RebuildTally {
  readonly result: Omit<RebuildResult, 'applied' | 'settings' | 'seconds'> = {
    ...{ chains: 0, changed: 0, texts: 0, masks: 0, passedBefore: 0, passedAfter: 0, reviewed: 0, missing: 0 },
    keptBefore: { FT: 0, TT: 0, TF: 0, FF: 0 },
    keptAfter: { FT: 0, TT: 0, TF: 0, FF: 0 },
    listed: [],
  };

  add(change: RebuiltChain): void {
    const { result } = this;
    const { id: _, round: __, ...what } = change;
    if (Object.keys(what).length === 0) return;
    result.changed += 1;
    if (change.text) result.texts += 1;
    if (change.mask) result.masks += 1;
    if (result.listed.length < LISTED) result.listed.push(change);
  }
}

export interface RebuildOptions {
  readonly dataset: Dataset;
  readonly settings: AssemblySettings;
  /** Write the changes; the caller holds the round's lock. */
  readonly apply: boolean;
  readonly tally: RebuildTally;
  readonly context: ReworkContext;
}

interface Assembly {
  readonly connectives: Connectives;
  readonly filters: FilterSettings;
  readonly filterContext: FilterContext;
  readonly head: Head | undefined;
}

/** The part of a chain that is kept until the whole round is known, without texts to save memory. */
interface Seen {
  readonly change: RebuiltChain;
  readonly chain: SummarisedChain;
  readonly keptBefore: boolean;
}

/**
 * Assembles the chains of one dialogue round again from their stored pieces, without a model. An edited or labelled chain keeps its text, so that
 * reviews stay valid; its loss mask is updated.
 */
class RoundRebuilder {
  readonly #options: RebuildOptions;
  readonly #plan: RoundPlan;

  constructor(plan: RoundPlan, options: RebuildOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Rejects with the signal's reason when cancelled. Running again may repeat written lines. */
  async run(): Promise<void> {
    const { dataset, apply, tally, context } = this.#options;
    const { round } = this.#plan;
    const summary = await dataset.summary(round);
    if (!summary) {
      context.log(`Round ${round} has not finished and is skipped.`);
      return;
    }
    const prompts = await dataset.prompts(this.#plan.promptSet);
    const filters = summary.filters ?? this.#plan.filters ?? dataset.settings.filters;
    const filterContext = await filterContextOf(dataset.folder, filters, context.log);
    const head = await headInUse(dataset, context.log);
    const assembly = { connectives: connectivesOf(prompts), filters, filterContext, head };
    const overQuota = new Set(summary.quotaDropped);
    const ids = dataset.index.chains().flatMap((chain) => (chain.round === round ? chain.id : []));
    const seen: Seen[] = [];
    await this.#each(ids, async (chain) => {
      const after = await this.#again(chain, assembly, true);
      const change = changeOf(chain, after);
      const { id, problemId, passed, class: chainClass } = after;
      const one = { id, problemId, passed, ...defined({ class: chainClass }) };
      seen.push({ change, chain: one, keptBefore: chain.passed && !overQuota.has(id) });
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
      // The lines of a renamed or copied round have its old name.
      for (const chain of chains) await work({ ...chain, round: this.#plan.round });
      const done = Math.min(from + BATCH, ids.length);
      context.progress({ done, total: ids.length, unit: 'chains', message: this.#plan.round });
    }
  }

  /** The rebuilt chain; the same object when nothing changes. */
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
    // With the same text, the filters are not run again: `longhand refilter` does that.
    return joined.text === chain.text ? { ...chain, segments: joined.segments } : joined;
  }

  async #problem(id: string): Promise<Problem | undefined> {
    try {
      return await this.#options.dataset.problem(id);
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'unknown-problem') return undefined;
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
    const { at = '', ...stored } = before ?? {};
    const isSame = before !== undefined && isDeepStrictEqual(stored, now);
    return { ...rest, ...counted, assembly: { ...now, at: isSame ? at : new Date().toISOString() } };
  }

  #count(before: RoundSummary, after: RoundSummary, seen: readonly Seen[]): void {
    const { tally } = this.#options;
    const overQuota = new Set(after.quotaDropped);
    for (const { change, chain, keptBefore } of seen) {
      const keptAfter = chain.passed && !overQuota.has(chain.id);
      tally.add(keptBefore === keptAfter ? change : { ...change, kept: { before: keptBefore, after: keptAfter } });
    }
    for (const name of ['FT', 'TT', 'TF', 'FF'] as const) {
      tally.result.keptBefore[name] += before.kept[name] ?? 0;
      tally.result.keptAfter[name] += after.kept[name] ?? 0;
    }
  }

  /** Appends the changed chains in batches, with the graded candidates of new texts. */
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

/** The length band as measured before; small changes of words do not matter. */
function bandIn(filters: readonly FilterResult[]): Pick<FilterContext, 'band'> {
  const threshold = filters.find(({ id }) => id === 'length-band')?.threshold;
  const [, low, high] = /^(\d+) to (\d+)$/.exec(String(threshold)) ?? [];
  if (low === undefined || high === undefined) return {};
  return { band: { low: Number(low), high: Number(high), chains: Number.MAX_SAFE_INTEGER } };
}

/** Characters shown before and after the first difference of two texts. */
const BEFORE = 30;
const AFTER = 90;

/** The differences between a chain and the same rebuilt chain. */
function changeOf(before: Chain, after: Chain): RebuiltChain {
  const { id, round } = before;
  const was = new Map(before.segments.map(({ piece, train }) => [piece, train]));
  const mask = after.segments.flatMap(({ piece, train }) => {
    const old = was.get(piece);
    return old === undefined || old === train ? [] : [{ piece, train }];
  });
  const joined = before.filters.find((filter) => filter.id === 'assembled-as')?.threshold;
  const old = (['FT', 'TT', 'TF'] as const).find((name) => name === joined);
  return {
    id,
    round,
    ...(before.text !== after.text && { text: excerpts(before.text, after.text) }),
    ...(mask.length > 0 && { mask }),
    ...(old && after.class && before.text !== after.text && { joinedAs: { before: old, after: after.class } }),
    ...(before.passed !== after.passed && { passed: { before: before.passed, after: after.passed } }),
  };
}

function excerpts(before: string, after: string): { before: string; after: string } {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const excerpt = (text: string): string => {
    const [from, to] = [Math.max(0, at - BEFORE), at + AFTER];
    return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
  };
  return { before: excerpt(before), after: excerpt(after) };
}
