import { isDeepStrictEqual } from 'node:util';
import { defined } from '../../core/defined.ts';
import { type Candidate, gradedPairs } from '../../core/dialogue/index.ts';
import { policyOfPiece } from '../../core/grading/policies.ts';
import {
  answerText,
  type Chain,
  chainReplyOutcome,
  type FilterSettings,
  type GradeLine,
  type GradingPolicy,
  type GradingRow,
  NoAnswer,
  type PieceName,
  pieceReplyOutcome,
  type ReplyOutcome,
  type RoundPlan,
  replyOutcome,
  type Verdict,
} from '../../core/schemas/index.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import type { GradingPool } from '../../grading/pool.ts';
import { gradeEnded } from '../../grading/reply.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { settleAgain } from '../sampling/run-sampling.ts';
import { perClass, type SummarisedChain, summaryAfter, writeSummaryAfter } from '../summary.ts';
import { isGraderFailure, type RegradeTally } from './regrade-tally.ts';
import { gradedText, regradedChain } from './regraded-chain.ts';

/** Answers or chains processed together. */
const BATCH = 256;

/** The verdict of a judge; undefined where it does not overrule. */
export type Overrule = (verdict: Verdict, problemId: string, gold: string) => Verdict | undefined;

export interface RegradeOptions {
  readonly dataset: Dataset;
  readonly pool: GradingPool;
  readonly policy: GradingPolicy;
  /** Only these chains and their calls; undefined: all. */
  readonly chains: ReadonlySet<string> | undefined;
  /** Write the new verdicts into the round; the caller holds its lock. */
  readonly apply: boolean;
  readonly tally: RegradeTally;
  /** Only this changes stored verdicts; undefined: they are graded again. */
  readonly overrule?: Overrule;
  /** Verdicts of earlier runs with the same policy and grader, by the hash of gold and text. */
  readonly known: Map<string, Verdict>;
  /** Counts and stores the rows before they are applied. */
  readonly record: (rows: readonly GradingRow[]) => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
}

interface Task {
  readonly id: string;
  readonly problemId: string;
  readonly piece: PieceName;
  readonly text: string;
  /** How its reply ended. */
  readonly ended: ReplyOutcome;
  readonly old: Verdict | undefined;
}

interface Answer extends Task {
  /** Index of the candidate of its piece. */
  readonly index: number;
}

/** Grades one round again: first the answers in its journal, then its chains. */
export class RoundRegrader {
  readonly #options: RegradeOptions;
  readonly #round: string;
  #lastAnswer: PieceName = 'answer[2]';
  readonly #verdicts = new Map<string, Verdict>();
  readonly #golds = new Map<string, string | undefined>();
  readonly #candidates = new Map<string, { first: Candidate[]; second: Candidate[] }>();

  constructor(round: string, options: RegradeOptions) {
    this.#round = round;
    this.#options = options;
  }

  /** Rejects with the signal's reason when cancelled. Running again may repeat written lines. */
  async run(plan: RoundPlan): Promise<void> {
    const { dataset, chains, apply } = this.#options;
    const entries = dataset.index.chains().filter((chain) => chain.round === this.#round);
    const ids = entries.map(({ id }) => id).filter((id) => chains?.has(id) ?? true);
    const old = new Map<string, Verdict>();
    for await (const grade of dataset.grades(this.#round)) old.set(grade.key, grade.verdict);
    await this.#gradeJournal(old, chains && (await this.#callsOf(ids)));
    this.#lastAnswer = `answer[${plan.dialogue?.turns ?? 2}]`;
    const now = new Map<string, SummarisedChain>(
      entries.map(({ id, problemId, passed, class: chainClass }) => [
        id,
        { id, problemId, passed, ...defined({ class: chainClass }) },
      ]),
    );
    const filters = (await dataset.summary(this.#round))?.filters ?? plan.filters ?? dataset.settings.filters;
    for (let from = 0; from < ids.length; from += BATCH) {
      const changed = await this.#gradeChains(ids.slice(from, from + BATCH), filters, now);
      if (apply) await dataset.appendChains(this.#round, changed);
    }
    if (apply) await this.#writeSummary(plan, [...now.values()]);
  }

  async #callsOf(ids: readonly string[]): Promise<Set<string>> {
    const calls = new Set<string>();
    for (const id of ids) for (const { call } of (await this.#chain(id)).pieces) if (call) calls.add(call);
    return calls;
  }

  async #gradeJournal(old: ReadonlyMap<string, Verdict>, calls: ReadonlySet<string> | undefined): Promise<void> {
    let batch: Answer[] = [];
    for await (const line of this.#options.dataset.journal(this.#round)) {
      const isAnswer = line.piece.startsWith('answer[') || line.piece === 'summary' || line.piece === 'response';
      if (!isAnswer || (calls && !calls.has(line.key)) || this.#verdicts.has(line.key)) continue;
      const { key, problemId, piece, index, reply } = line;
      const ended = replyOutcome(reply);
      batch.push({ id: key, problemId, piece, index, text: answerText(reply), ended, old: old.get(key) });
      if (batch.length < BATCH) continue;
      await this.#gradeCalls(batch);
      batch = [];
    }
    await this.#gradeCalls(batch);
  }

  async #gradeCalls(answers: readonly Answer[]): Promise<void> {
    const { dataset, apply } = this.#options;
    const verdicts = await this.#gradeAll(answers);
    const lines: GradeLine[] = [];
    for (const [i, { id: key, problemId, piece, index, old, ended }] of answers.entries()) {
      const verdict = verdicts[i];
      if (verdict === undefined) continue;
      this.#verdicts.set(key, verdict);
      this.#count(problemId, piece, { index, outcome: verdict.outcome, finished: ended === 'answered' });
      if (!isDeepStrictEqual(verdict, old)) {
        lines.push({ key, problemId, piece, index, verdict, ...(ended !== 'answered' && { reply: ended }) });
      }
    }
    if (apply) await dataset.appendGrades(this.#round, lines);
  }

  #count(problemId: string, piece: PieceName, candidate: Candidate): void {
    const both = this.#candidates.get(problemId) ?? { first: [], second: [] };
    this.#candidates.set(problemId, both);
    if (piece === 'answer[1]') both.first.push(candidate);
    if (piece === this.#lastAnswer) both.second.push(candidate);
  }

  /** The new verdicts; undefined for an answer to a missing problem. */
  async #gradeAll(tasks: readonly Task[]): Promise<(Verdict | undefined)[]> {
    const graded = await Promise.all(tasks.map((task) => this.#grade(task)));
    await this.#options.record(graded.flatMap((one) => one?.row ?? []));
    return graded.map((one) => one?.row.new);
  }

  async #grade({ id, problemId, piece, text, ended, old }: Task): Promise<{ row: GradingRow } | undefined> {
    const { pool, signal, tally, known, overrule } = this.#options;
    const gold = await this.#goldOf(problemId);
    if (gold === undefined) return undefined;
    const policy = policyOfPiece(this.#options.policy, piece);
    const hash = textHash(JSON.stringify([gold, text, policy.answer, ...(ended === 'answered' ? [] : [ended])]));
    const judged = overrule && old && (overrule(old, problemId, gold) ?? old);
    const before = judged ?? known.get(hash);
    const grade = (): Promise<Verdict> => gradeEnded(pool, gold, text, ended, policy, signal);
    let verdict = before ?? (await grade());
    // A timeout or error must not replace an earlier verdict, so it is tried again.
    if (isGraderFailure(verdict) && old && !isGraderFailure(old)) verdict = await grade();
    signal.throwIfAborted();
    if (!isGraderFailure(verdict) && judged === undefined) known.set(hash, verdict);
    if (before !== undefined && judged === undefined) tally.reused += 1;
    const how = ended === 'answered' ? {} : { ended };
    const row = { kind: 'answer' as const, id, round: this.#round, problemId, piece, hash, gold, new: verdict, ...how };
    return { row: old === undefined ? row : { ...row, old } };
  }

  async #goldOf(problemId: string): Promise<string | undefined> {
    const { dataset, log, tally } = this.#options;
    if (!this.#golds.has(problemId)) {
      const problem = await dataset.problem(problemId).catch((error: unknown) => {
        if (!(error instanceof StoreError) || error.kind !== 'unknown-problem') throw error;
        log(`Problem ${problemId} is no longer in the dataset. Its answers are left unchanged.`);
        tally.missing.add(problemId);
        return undefined;
      });
      this.#golds.set(problemId, problem?.answer);
    }
    return this.#golds.get(problemId);
  }

  #chain(id: string): Promise<Chain> {
    return this.#options.dataset.chain(id);
  }

  /** Regrades chains, updates `now`, and returns the changed ones. */
  async #gradeChains(
    ids: readonly string[],
    filters: FilterSettings,
    now: Map<string, SummarisedChain>,
  ): Promise<Chain[]> {
    this.#options.signal.throwIfAborted();
    const chains = await Promise.all(ids.map((id) => this.#chain(id)));
    // The lines of a renamed or copied round have its old name.
    const known = chains.map((chain) => ({ ...chain, round: this.#round }));
    const tasks = known.flatMap((chain) => this.#tasksOf(chain));
    const graded = await this.#gradeAll(tasks);
    const byTask = new Map(tasks.map((task, k) => [task.id, graded[k]]));
    const rows: GradingRow[] = [];
    const changed: Chain[] = [];
    for (const [i, chain] of known.entries()) {
      const verdicts = new Map<PieceName, Verdict>();
      for (const { piece, call } of chain.pieces) {
        const verdict = (call && this.#verdicts.get(call)) ?? byTask.get(taskId(chain, piece));
        if (verdict) verdicts.set(piece, verdict);
      }
      const after = { ...regradedChain(chain, verdicts, filters), ...(await this.#candidatesOf(chain)) };
      rows.push(rowOf(chain, after, (await this.#goldOf(chain.problemId)) ?? ''));
      now.set(chain.id, after);
      if (!isDeepStrictEqual({ ...after, round: chains[i]?.round }, chains[i])) changed.push(after);
    }
    await this.#options.record(rows);
    return changed;
  }

  /** The outcomes of the candidates, if the chain stores them and its problem exists. */
  async #candidatesOf(chain: Chain): Promise<Pick<Chain, 'candidates'>> {
    const { dataset, pool, policy, signal } = this.#options;
    if (this.#options.overrule || chain.candidates === undefined || (await this.#goldOf(chain.problemId)) === undefined)
      return {};
    const problem = await dataset.problem(chain.problemId);
    return { candidates: await chainCandidates(pool, chain.text, problem, policy, signal) };
  }

  /** The pieces of a chain that need a grading of their own: handwritten and imported ones, and those whose call is not in the journal. */
  #tasksOf(chain: Chain): Task[] {
    return chain.pieces
      .filter(({ verdict, call }) => verdict && !(call && this.#verdicts.has(call)))
      .map((piece) => ({
        id: taskId(chain, piece.piece),
        problemId: chain.problemId,
        piece: piece.piece,
        text: gradedText(chain, piece),
        ended: pieceReplyOutcome(piece),
        old: piece.verdict,
      }));
  }

  /** Writes the summary with new counts and quota. */
  async #writeSummary(plan: RoundPlan, chains: readonly SummarisedChain[]): Promise<void> {
    const { dataset, chains: chosen } = this.#options;
    const before = await dataset.summary(this.#round);
    if (before && plan.kind === 'sampling') return settleAgain(dataset, plan, before, this.#options);
    const after = summaryAfter(before, plan, chains);
    // In one dialogue a second answer belongs to one first answer, and the journal does not record which.
    if (after && plan.kind === 'dialogue' && plan.dialogue?.asking === 'separate' && chosen === undefined) {
      const pairs = [...this.#candidates.values()].flatMap(({ first, second }) => gradedPairs(first, second));
      after.pairs = perClass(pairs.map((pair) => pair.class));
    }
    await writeSummaryAfter(dataset, this.#round, after);
  }
}

function taskId(chain: Chain, piece: PieceName): string {
  return `${chain.id} ${piece}`;
}

function rowOf(before: Chain, after: Chain, gold: string): GradingRow {
  return {
    kind: 'chain',
    id: before.id,
    round: before.round,
    problemId: before.problemId,
    gold,
    old: before.verdict,
    new: after.verdict,
    ...defined({
      ended: NoAnswer.safeParse(chainReplyOutcome(after.pieces)).data,
      oldClass: before.class,
      newClass: after.class,
    }),
    oldPassed: before.passed,
    newPassed: after.passed,
  };
}
