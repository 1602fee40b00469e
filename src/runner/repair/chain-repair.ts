import { isDeepStrictEqual } from 'node:util';
import { type Cut, cutsAfterSteps } from '../../core/continuation/cut.ts';
import { repairedChain, wrongRest, wrongSteps } from '../../core/continuation/repair.ts';
import { StepSearch } from '../../core/continuation/step-search.ts';
import { defined } from '../../core/defined.ts';
import type { FilterContext } from '../../core/filters/index.ts';
import { policyOfPiece } from '../../core/grading/policies.ts';
import { splitSteps } from '../../core/review/steps.ts';
import {
  type CallReply,
  type Chain,
  endedRight,
  type KnownWrongStep,
  type PieceRecord,
  type RepairEnd,
  type RepairLine,
  type RepairPlan,
  type StepPlace,
} from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import { gradeReply } from '../../grading/reply.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import type { headInUse } from '../classifier/head.ts';
import { type Asking, type Continuing, isGradable, promptsOf } from '../continuation/continuing.ts';
import {
  countedAt,
  freeIndexes,
  gradeMatch,
  type Match,
  matchSamples,
  type PaidSamples,
  type PlacedOutcome,
  restAfter,
  takenIndexes,
  tallyAt,
} from '../continuation/known-outcomes.ts';
import { markedChain } from '../sampling/chain.ts';
import { type Repairable, type RepairRoundPlan, repairableOf } from './plan-repair.ts';

/** What the repairs of a round share. */
export interface RepairContext {
  dataset: Dataset;
  plan: RepairRoundPlan;
  continuing: Continuing;
  signal: AbortSignal;
  /** Samples of other rounds. */
  paid: PaidSamples;
  /** Ids of the chains that other rounds have made, by the chain that they were made from. */
  madeBefore: ReadonlyMap<string, readonly string[]>;
  /** The chain that each continuation repairs, by its call, of all rounds. */
  usedBy: Map<string, string>;
  filterContext: FilterContext;
  head: Awaited<ReturnType<typeof headInUse>>;
  /** The sentence after the wrong part of a chain. */
  turn: (id: string, isStart: boolean) => string;
  /** Whether the tokens of the round are spent. */
  isSpent: () => boolean;
  /** Stores a chain, once. */
  emit: (chain: Chain) => Promise<void>;
}

/** A chain that is repaired. */
interface Work {
  asking: Asking;
  now: Repairable;
  steps: readonly StepPlace[];
  /** What is kept of it, by number of kept steps. */
  cuts: readonly Cut[];
  /** Samples of other rounds that begin as it does. */
  matches: readonly Match[];
}

/** A wrong part, and who found it. */
interface Found {
  wrong: StepPlace;
  /** Number of kept steps. */
  kept: number;
  by: NonNullable<Chain['repairs']>['by'];
}

/** A continuation of a place: requested, or what a paid sample wrote after the same steps. */
interface Option extends Pick<PlacedOutcome, 'isRight'> {
  key: string;
  reply: Omit<CallReply, 'reasoning'> & { reasoning?: string | undefined };
  tokens: number;
}

/** Ends the repair of one chain. */
class Ended extends Error {
  readonly end: RepairEnd;

  constructor(end: RepairEnd, reason?: string) {
    super(reason ?? '');
    this.end = end;
  }
}

/** Repairs one chain: finds its wrong part, and keeps a continuation from before it that ends right. */
export class ChainRepair {
  readonly #shared: RepairContext;
  readonly #item: RepairPlan['chains'][number];
  /** Requested continuations by number of kept steps, in order. */
  readonly #made = new Map<number, Option[]>();
  /** Numbers of the continuations of a place that are paid. */
  #taken = new Map<number, ReadonlySet<number>>();
  readonly #graded = new Map<Match, PlacedOutcome>();
  readonly #ids: string[] = [];
  #samples = 0;
  #searched = 0;
  #wrong: StepPlace | undefined;

  constructor(shared: RepairContext, item: RepairPlan['chains'][number]) {
    this.#shared = shared;
    this.#item = item;
  }

  /** @throws ModelError when continuing is useless */
  async run(): Promise<RepairLine> {
    try {
      return this.#line(await this.#repair());
    } catch (error) {
      if (error instanceof Ended) return this.#line(error.end, error.message);
      throw error;
    }
  }

  #line(end: RepairEnd, reason = ''): RepairLine {
    return {
      ...{ chainId: this.#item.chainId, end, samples: this.#samples, searched: this.#searched, made: this.#ids },
      ...defined({ wrong: this.#wrong && { start: this.#wrong.start, end: this.#wrong.end } }),
      ...(reason !== '' && { reason }),
    };
  }

  async #repair(): Promise<RepairEnd> {
    const work = await this.#open();
    const { budget } = this.#shared.plan.repair.settings;
    const { wrong } = this.#item;
    if (!wrong) return this.#recover(work, await this.#search(work), budget);
    const found = knownPart(work, wrong);
    if ('reviewer' in wrong) return this.#recover(work, found, budget);
    // The first wrong step may be another one than that with the false equality: a half of the budget is kept for a search.
    const end = await this.#recover(work, found, Math.ceil(budget / 2));
    if (end === 'repaired' || end === 'repeated') return end;
    const other = await this.#search(work).catch((error: unknown) => {
      if (error instanceof Ended && error.end === 'not-found') return undefined;
      throw error;
    });
    return other ? this.#recover(work, other, budget) : end;
  }

  /** The chain with its paid samples. @throws Ended when it is another one than in the plan, or its continuations can't be graded */
  async #open(): Promise<Work> {
    const { dataset, plan, paid, continuing, signal } = this.#shared;
    const { chainId, text, wrong } = this.#item;
    if (!dataset.index.chain(chainId)) throw new Ended('changed');
    const chain = await dataset.chain(chainId);
    const now = await repairableOf(dataset, chain);
    if (textHash(now.text) !== text || !isDeepStrictEqual(labelIn(now.wrong), labelIn(wrong)))
      throw new Ended('changed');
    const problem = await dataset.problem(chain.problemId);
    if (!(await isGradable(dataset, problem, continuing.pool, signal))) throw new Ended('ungraded');
    const own = chain.origin === 'sampled' ? await promptsOf(dataset, chain) : plan.prompts;
    const asking = { chain, problem, model: plan.model, response: plan.repair.response, prompts: own };
    const steps = splitSteps(now.text, now.segments);
    const cuts = cutsAfterSteps(now, steps, chain);
    const matches = matchSamples(dataset, asking, cuts, await paid.of(problem.id));
    this.#taken = takenIndexes(matches);
    return { asking, now, steps, cuts, matches };
  }

  /** The steps after which success collapses, by what is paid first. @throws Ended `not-found` */
  async #search(work: Work): Promise<Found> {
    const { steps, matches } = work;
    const { settings } = this.#shared.plan.repair;
    const before = this.#samples;
    const budget = settings.budget - before;
    const search = new StepSearch(steps.length, [{ kept: steps.length, right: 0, wrong: 1 }], { ...settings, budget });
    for (const match of matches) search.addKnown(tallyAt(countedAt(match), await this.#outcome(work, match)));
    for (const [kept, made] of this.#made) for (const one of made) search.addKnown(tallyAt(kept, one));
    let run = await this.#wrongPart(work, search);
    for (let next = search.next(); run === undefined && next !== undefined; next = search.next()) {
      for (const one of await this.#continue(work, next.kept, next.samples)) {
        search.add(tallyAt(next.kept, one));
        if (one.isRight === undefined) search.skip(1);
      }
      run = await this.#wrongPart(work, search);
    }
    this.#searched = this.#samples - before;
    run ??= wrongSteps(search.posterior, settings.certainty);
    const [first, last] = [steps[(run?.from ?? 0) - 1], steps[(run?.to ?? 0) - 1]];
    if (!run || !first || !last) throw new Ended('not-found');
    return {
      wrong: { start: first.start, end: last.end },
      kept: run.from - 1,
      by: { within: Math.min(1, run.within), samples: matches.length + this.#samples },
    };
  }

  /** The steps that are wrong, as soon as a continuation from before them ended right: the step that a search finds, else all steps from there on. */
  async #wrongPart(work: Work, { posterior }: StepSearch): Promise<ReturnType<typeof wrongSteps>> {
    const { certainty } = this.#shared.plan.repair.settings;
    const rightFrom: number[] = [];
    for (const match of work.matches)
      if (this.#isFree(match.line.key) && (await this.#outcome(work, match)).isRight)
        rightFrom.push(match.places.at(-1) ?? 0);
    for (const [kept, made] of this.#made)
      if (made.some(({ isRight, key }) => isRight && this.#isFree(key))) rightFrom.push(kept);
    const found = wrongSteps(posterior, certainty);
    return found && rightFrom.includes(found.from - 1) ? found : wrongRest(posterior, rightFrom, certainty);
  }

  /** Whether no other chain is repaired by a continuation, which would then be in a training set twice. */
  #isFree(call: string): boolean {
    return (this.#shared.usedBy.get(call) ?? this.#item.chainId) === this.#item.chainId;
  }

  /** Keeps the first continuation whose chain passes the filters. @param limit of all requests for the chain */
  async #recover(work: Work, found: Found, limit: number): Promise<RepairEnd> {
    this.#wrong = found.wrong;
    const { usedBy } = this.#shared;
    const { chainId } = this.#item;
    const before = await this.#madeBefore(found);
    let isMade = false;
    for await (const option of this.#options(work, found.kept, limit)) {
      if (option.isRight !== true || !this.#isFree(option.key)) continue;
      const same = before.get(option.key);
      // Its error would be in a training set twice.
      if (same?.passed) return 'repeated';
      isMade ||= same !== undefined;
      const id = this.#idOf(work, found, option);
      // Tried before the search, which then named the same part.
      if (same || this.#ids.includes(id)) continue;
      const wasUsed = usedBy.has(option.key);
      // Another chain of the problem may be repaired meanwhile.
      usedBy.set(option.key, chainId);
      const chain = await this.#repaired(work, found, option, id);
      await this.#shared.emit(chain);
      this.#ids.push(id);
      if (chain.passed) return 'repaired';
      if (!wasUsed) usedBy.delete(option.key);
    }
    return isMade || this.#ids.length > 0 ? 'filtered-out' : 'not-continued';
  }

  /** Continuations of a place: what is paid first, then one request after another. */
  async *#options(work: Work, kept: number, limit: number): AsyncGenerator<Option> {
    const cut = work.cuts[kept];
    if (cut === undefined) return;
    for (const match of work.matches) {
      // One that has the wrong step too would repeat it.
      if (match.places.at(-1) !== kept) continue;
      const { isRight } = await this.#outcome(work, match);
      yield { isRight, ...paidOption(match, cut) };
    }
    for (let index = 0; ; index++) {
      const made = this.#made.get(kept) ?? [];
      if (index >= made.length && this.#samples >= limit) return;
      const one = made[index] ?? (await this.#continue(work, kept, 1))[0];
      if (one) yield one;
    }
  }

  async #outcome({ asking, cuts }: Work, match: Match): Promise<PlacedOutcome> {
    const { dataset, continuing, signal } = this.#shared;
    const known = this.#graded.get(match);
    const outcome = known ?? (await gradeMatch(dataset, asking, match, cuts, { pool: continuing.pool, signal }));
    this.#graded.set(match, outcome);
    return outcome;
  }

  /** Chains of other rounds with the same wrong part, by the call that continues it. */
  async #madeBefore({ wrong }: Found): Promise<Map<string, Chain>> {
    const { dataset, madeBefore } = this.#shared;
    const made = new Map<string, Chain>();
    for (const id of madeBefore.get(this.#item.chainId) ?? []) {
      const chain = await dataset.chain(id);
      const { start, end, call } = chain.repairs ?? {};
      if (call !== undefined && start === wrong.start && end === wrong.end) made.set(call, chain);
    }
    return made;
  }

  /** Requests the next continuations of a place. */
  async #continue({ asking, cuts }: Work, kept: number, samples: number): Promise<Option[]> {
    const { continuing, isSpent } = this.#shared;
    const cut = cuts[kept];
    if (cut === undefined) throw new RangeError(`There is no place after ${plural(kept, 'step')}.`);
    const taken = this.#taken.get(kept) ?? new Set();
    const indexes = freeIndexes(taken, samples);
    // What is paid needs no tokens, in this round too if it was stopped.
    if (isSpent() && !indexes.every((index) => continuing.isPaid(asking, cut, index))) throw new Ended('budget');
    const asked = await Promise.all(indexes.map((index) => continuing.ask(asking, cut, index)));
    const made = asked.map((one): Option => {
      if ('refused' in one) throw new Ended('refused', one.refused.message);
      const { key, tokens, verdict, ended } = one.continuation;
      return { key, tokens, reply: one.reply, isRight: endedRight(verdict.outcome, ended) };
    });
    this.#taken.set(kept, new Set([...taken, ...indexes]));
    this.#made.set(kept, [...(this.#made.get(kept) ?? []), ...made]);
    this.#samples += samples;
    return made;
  }

  #idOf({ asking: { chain, problem } }: Work, { wrong }: Found, { key }: Option): string {
    const hash = textHash([chain.id, wrong.start, wrong.end, key].join(' '));
    return `${this.#shared.plan.round}/${problem.id}/${hash}`;
  }

  async #repaired(
    { asking, now, cuts }: Work,
    { kept, wrong, by }: Found,
    { key, tokens, reply }: Option,
    id: string,
  ): Promise<Chain> {
    const { chain, problem } = asking;
    const { plan, continuing, signal, filterContext, head, turn } = this.#shared;
    const cut = cuts[kept];
    if (cut === undefined) throw new RangeError(`There is no place after ${plural(kept, 'step')}.`);
    const joined = repairedChain(now, { cut, wrong, turn: turn(id, cut.text === ''), reply });
    const policy = policyOfPiece(plan.grading, 'response');
    const whole = { ...reply, text: joined.answer, reasoning: joined.thought };
    const verdict = await gradeReply(continuing.pool, problem.answer, whole, policy, signal);
    const text = joined.answer.trim() || joined.text;
    const share = wrong.end / Math.max(1, now.text.length);
    const pieces: PieceRecord[] = [
      { piece: 'answer[1]', text: now.text, verdict: chain.verdict },
      ...(joined.thought === undefined ? [] : [{ piece: 'trace', text: joined.thought }]),
      { piece: 'response', text, call: key, finish: reply.finish, verdict },
    ];
    return markedChain(
      {
        ...{ id, round: plan.round, problemId: problem.id, origin: 'sampled', class: 'FT', model: plan.model.model },
        ...{ text: joined.text, segments: joined.segments, verdict, pieces },
        repairs: { chain: chain.id, start: wrong.start, end: wrong.end, by, call: key },
        candidates: await chainCandidates(continuing.pool, joined.text, problem, plan.grading, signal),
        tokens: { count: Math.round(share * chain.tokens.count) + tokens, estimated: true },
      },
      { problem, filters: plan.filters, filterContext, head },
    );
  }
}

/** What a paid sample wrote after the steps of a place. */
function paidOption(match: Match, cut: Cut): Omit<Option, 'isRight'> {
  const { key, reply } = match.line;
  const rest = restAfter(match, cut);
  const share = sizeOf(rest) / Math.max(1, sizeOf(reply));
  const whole = { ...reply, text: rest.text, reasoning: rest.reasoning };
  return { key, reply: whole, tokens: Math.round(Math.min(1, share) * reply.usage.completion) };
}

const sizeOf = ({ text, reasoning = '' }: Pick<CallReply, 'text' | 'reasoning'>): number =>
  text.length + reasoning.length;

/** The label of a reviewer. */
const labelIn = (wrong: KnownWrongStep | undefined): object | undefined =>
  wrong && 'reviewer' in wrong ? { start: wrong.start, end: wrong.end, reviewer: wrong.reviewer } : undefined;

/** The step with a place that is known to be wrong. */
function knownPart({ steps }: Work, known: KnownWrongStep): Found {
  const { start, end, ...by } = known;
  const kept = steps.findIndex((step) => step.end > start);
  const step = steps[kept];
  if (!step) throw new Ended('changed');
  return { wrong: { start: step.start, end: Math.max(step.end, end) }, kept, by };
}
