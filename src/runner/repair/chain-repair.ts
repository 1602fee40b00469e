import { type Cut, cutChain } from '../../core/continuation/cut.ts';
import { repairedChain, wrongSteps } from '../../core/continuation/repair.ts';
import { StepSearch, type StepTally } from '../../core/continuation/step-search.ts';
import { defined } from '../../core/defined.ts';
import type { FilterContext } from '../../core/filters/index.ts';
import { policyOfPiece } from '../../core/grading/policies.ts';
import { splitSteps } from '../../core/review/steps.ts';
import type { Tally } from '../../core/sampling/index.ts';
import {
  type Chain,
  type JournalLine,
  type KnownWrongStep,
  type PieceRecord,
  type RepairEnd,
  type RepairLine,
  type RepairPlan,
  type StepPlace,
  sampleOutcome,
} from '../../core/schemas/index.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import { gradeReply } from '../../grading/reply.ts';
import { journalKey } from '../../models/key.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import type { Journal } from '../calls/journal.ts';
import type { headInUse } from '../classifier/head.ts';
import { type Asking, type Continuing, continuationRequest, type Made, promptsOf } from '../continuation/continuing.ts';
import { markedChain } from '../sampling/chain.ts';
import { type Repairable, type RepairRoundPlan, repairableOf } from './plan-repair.ts';

/** What the repairs of a round share. */
export interface RepairContext {
  dataset: Dataset;
  plan: RepairRoundPlan;
  continuing: Continuing;
  signal: AbortSignal;
  /** Journals of other rounds, which are only read. */
  paid: readonly Pick<Journal<JournalLine>, 'has'>[];
  /** Ids of the chains that other rounds have made, by the chain that they were made from. */
  madeBefore: ReadonlyMap<string, readonly string[]>;
  /** Fresh samples of a problem by the same prompt and sampling. */
  fresh: (asking: Asking) => Tally | undefined;
  filterContext: FilterContext;
  head: Awaited<ReturnType<typeof headInUse>>;
  /** The sentence after the wrong part of a chain. */
  turn: (id: string, isStart: boolean) => string;
  /** Whether the tokens of the round are spent. */
  isSpent: () => boolean;
  /** Stores a chain, once. */
  emit: (chain: Chain) => Promise<void>;
}

/** A wrong part, and who found it. */
interface Found {
  cut: Cut;
  wrong: StepPlace;
  /** Number of kept steps. */
  kept: number;
  by: NonNullable<Chain['repairs']>['by'];
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
  /** Continuations by number of kept steps, in order. */
  readonly #made = new Map<number, Made[]>();
  readonly #ids: string[] = [];
  #samples = 0;
  /** Of these, those that another round has paid. The budget does not count them. */
  #free = 0;
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
    const { dataset, plan } = this.#shared;
    if (!dataset.index.chain(this.#item.chainId)) throw new Ended('changed');
    const chain = await dataset.chain(this.#item.chainId);
    const now = await repairableOf(dataset, chain);
    if (textHash(now.text) !== this.#item.text) throw new Ended('changed');
    const problem = await dataset.problem(chain.problemId);
    const own = chain.origin === 'sampled' ? await promptsOf(dataset, chain) : plan.prompts;
    const asking = { chain, problem, model: plan.model, response: plan.repair.response, prompts: own };
    const steps = splitSteps(now.text, now.segments);
    const { wrong } = this.#item;
    const found = wrong ? knownPart(now, steps, wrong, chain) : await this.#search(asking, now, steps);
    this.#wrong = found.wrong;
    return this.#recover(asking, now, found);
  }

  /** The steps after which success collapses; free outcomes first. */
  async #search(asking: Asking, now: Repairable, steps: readonly StepPlace[]): Promise<Found> {
    const { chain } = asking;
    const { settings } = this.#shared.plan.repair;
    const cutAt = (kept: number): Cut => cutChain(now, steps[kept - 1]?.end ?? 0, chain);
    const known: StepTally[] = [{ kept: steps.length, right: 0, wrong: 1 }];
    const tally = this.#shared.fresh(asking);
    if (tally) known.push({ kept: 0, right: tally.successes, wrong: tally.attempts - tally.successes });
    for (let kept = 0; kept < steps.length; kept++) {
      const paid = this.#paidAt(asking, cutAt(kept));
      if (paid > 0) known.push({ kept, ...(await this.#continue(asking, cutAt(kept), kept, paid)) });
    }
    const search = new StepSearch(steps.length, known, settings);
    for (let next = search.next(); next !== undefined; next = search.next())
      search.add({ kept: next.kept, ...(await this.#continue(asking, cutAt(next.kept), next.kept, next.samples)) });
    this.#searched = this.#samples;
    const run = wrongSteps(search.posterior, settings.certainty);
    const [first, last] = [steps[(run?.from ?? 0) - 1], steps[(run?.to ?? 0) - 1]];
    if (!run || !first || !last) throw new Ended('not-found');
    return {
      cut: cutAt(run.from - 1),
      wrong: { start: first.start, end: last.end },
      kept: run.from - 1,
      by: { within: Math.min(1, run.within), samples: this.#searched },
    };
  }

  /** Number of continuations of a place, from the first, that another round has paid. */
  #paidAt(asking: Asking, cut: Cut): number {
    const { budget } = this.#shared.plan.repair.settings;
    let count = 0;
    while (count < budget && this.#isPaid(asking, cut, count)) count++;
    return count;
  }

  #isPaid(asking: Asking, cut: Cut, index: number): boolean {
    const key = journalKey(continuationRequest(this.#shared.dataset, asking, cut, index));
    return this.#shared.paid.some((journal) => journal.has(key));
  }

  /** Keeps the first continuation whose chain passes the filters. */
  async #recover(asking: Asking, now: Repairable, found: Found): Promise<RepairEnd> {
    const { budget, batch } = this.#shared.plan.repair.settings;
    const before = await this.#madeBefore(found);
    let isMade = false;
    for (let index = 0; ; index++) {
      const made = this.#made.get(found.kept) ?? [];
      if (index >= made.length) {
        const left = budget - (this.#samples - this.#free);
        if (left <= 0) break;
        await this.#continue(asking, found.cut, found.kept, Math.min(left, batch));
      }
      const one = this.#made.get(found.kept)?.[index];
      if (!one || !isRight(one)) continue;
      const same = before.get(one.continuation.key);
      // Its error would be in a training set twice.
      if (same?.passed) return 'repeated';
      isMade ||= same !== undefined;
      if (same) continue;
      const chain = await this.#repaired(asking, now, found, one);
      await this.#shared.emit(chain);
      this.#ids.push(chain.id);
      if (chain.passed) return 'repaired';
    }
    return isMade || this.#ids.length > 0 ? 'filtered-out' : 'not-continued';
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

  /** Requests the next continuations of a place. @returns how many of them ended right */
  async #continue(asking: Asking, cut: Cut, kept: number, samples: number): Promise<{ right: number; wrong: number }> {
    const { continuing, isSpent } = this.#shared;
    const before = this.#made.get(kept) ?? [];
    const indexes = Array.from({ length: samples }, (_, i) => before.length + i);
    // What is paid needs no tokens, in this round too if it was stopped.
    if (isSpent() && !indexes.every((index) => continuing.isPaid(asking, cut, index))) throw new Ended('budget');
    const asked = await Promise.all(indexes.map((index) => continuing.ask(asking, cut, index)));
    const made = asked.flatMap((one) => {
      if ('refused' in one) throw new Ended('refused', one.refused.message);
      return [one];
    });
    this.#made.set(kept, [...before, ...made]);
    this.#samples += samples;
    this.#free += indexes.filter((index) => this.#isPaid(asking, cut, index)).length;
    const right = made.filter(isRight).length;
    return { right, wrong: samples - right };
  }

  async #repaired(asking: Asking, now: Repairable, { cut, wrong, by }: Found, made: Made): Promise<Chain> {
    const { chain, problem } = asking;
    const { plan, continuing, signal, filterContext, head, turn } = this.#shared;
    const { key, tokens } = made.continuation;
    const id = `${plan.round}/${problem.id}/${textHash([chain.id, wrong.start, wrong.end, key].join(' '))}`;
    const { reply } = made;
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

const isRight = ({ continuation: { verdict, ended } }: Made): boolean =>
  sampleOutcome(verdict.outcome, ended) === 'correct';

/** The step with a place that is known to be wrong. */
function knownPart(now: Repairable, steps: readonly StepPlace[], known: KnownWrongStep, chain: Chain): Found {
  const { start, end, ...by } = known;
  const kept = steps.findIndex((step) => step.end > start);
  const step = steps[kept];
  if (!step) throw new Ended('changed');
  return {
    cut: cutChain(now, steps[kept - 1]?.end ?? 0, chain),
    wrong: { start: step.start, end: Math.max(step.end, end) },
    kept,
    by,
  };
}
