import type { Head } from '../../core/behaviours/head/inputs.ts';
import type { FilterContext } from '../../core/filters/index.ts';
import { NO_USE, type Sample, type Use } from '../../core/sampling/index.ts';
import {
  type CallReply,
  type JournalLine,
  type Problem,
  type ReplyOutcome,
  replyOutcome,
  type SampleOutcome,
  sampleOutcome,
  type Verdict,
} from '../../core/schemas/index.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import type { GradingPool } from '../../grading/pool.ts';
import type { Dataset } from '../../store/index.ts';
import { responseChain, responseId, responseText } from './chain.ts';
import type { SamplingRoundPlan } from './plan-sampling.ts';
import { gradeResponse } from './response-call.ts';

/** The part of a sample needed by vote, selection and summary; its text is in the journal. */
export interface GradedSample extends Sample {
  key: string;
  verdict: Verdict;
  ended: ReplyOutcome;
  tokens: number;
}

export interface ResponsesOptions {
  dataset: Dataset;
  plan: SamplingRoundPlan;
  pool: GradingPool;
  filterContext: FilterContext;
  head: Head | undefined;
  signal: AbortSignal;
  log: (text: string) => void;
}

/** A paid sample in the journal. */
type PaidSample = Pick<JournalLine, 'key' | 'problemId' | 'index' | 'reply'>;

/** The graded samples of a round. Grades and chains of correct responses are written as soon as they are known, and only once over all runs. */
export class Responses {
  readonly #options: ResponsesOptions;
  readonly #grades = new Map<string, Verdict>();
  readonly #chains = new Map<string, boolean>();
  readonly #samples = new Map<string, GradedSample[]>();
  readonly #problems = new Map<string, Promise<Problem | undefined>>();
  /** Samples in the journal at the start. */
  use: Use = NO_USE;

  private constructor(options: ResponsesOptions) {
    this.#options = options;
  }

  /** Reads the round's files, and grades paid samples without a grade. */
  static async open(options: ResponsesOptions): Promise<Responses> {
    const responses = new Responses(options);
    const { dataset, plan } = options;
    for await (const { key, verdict } of dataset.grades(plan.round)) responses.#grades.set(key, verdict);
    for await (const { id, passed } of dataset.chainLines(plan.round)) responses.#chains.set(id, passed);
    const asked = new Set(plan.problemIds);
    const requests = new Set<string>();
    const seen = new Set<string>();
    const use = { ...NO_USE };
    for await (const line of dataset.journal(plan.round)) {
      if (line.piece !== 'response' || seen.has(line.key)) continue;
      seen.add(line.key);
      use.promptTokens += line.reply.usage.prompt;
      use.completionTokens += line.reply.usage.completion;
      use.samples += 1;
      // Samples of one request share its seed.
      requests.add(line.choice ? `${line.problemId} ${line.choice.seed}` : line.key);
      if (asked.has(line.problemId)) await responses.grade(line);
    }
    responses.use = { ...use, requests: requests.size };
    return responses;
  }

  /** All samples of the round for a sampler. */
  get all(): GradedSample[] {
    return [...this.#samples.values()].flat();
  }

  /** Created chains, and those that passed the filters. */
  get chains(): { made: number; passed: number } {
    return { made: this.#chains.size, passed: [...this.#chains.values()].filter(Boolean).length };
  }

  of(problemId: string): readonly GradedSample[] {
    return this.#samples.get(problemId) ?? [];
  }

  /** Grades a sample and records it. Rejects with the signal's reason when the round is cancelled. */
  async grade(sample: PaidSample): Promise<SampleOutcome> {
    const { dataset, plan } = this.#options;
    const { key, problemId, index, reply } = sample;
    const problem = await this.#problem(problemId);
    // A removed problem has no answer to compare with, so it is not sampled any more.
    if (!problem) return 'unknown';
    const known = this.#grades.get(key);
    const verdict = known ?? (await this.#verdict(problem, reply));
    const ended = replyOutcome(reply);
    if (!known) {
      this.#grades.set(key, verdict);
      const how = ended === 'answered' ? {} : { reply: ended };
      await dataset.appendGrades(plan.round, [{ key, problemId, piece: 'response', index, verdict, ...how }]);
    }
    const outcome = sampleOutcome(verdict.outcome, ended);
    const samples = this.#samples.get(problemId) ?? [];
    this.#samples.set(problemId, samples);
    samples.push({ problemId, index, outcome, key, verdict, ended, tokens: reply.usage.completion });
    if (outcome === 'correct') await this.#writeChain(problem, sample, verdict);
    return outcome;
  }

  /** Creates chains of samples that are wrong by the trusted answer, for a reviewer. */
  async writeChains(keys: ReadonlySet<string>): Promise<void> {
    if (keys.size === 0) return;
    const { dataset, plan } = this.#options;
    for await (const line of dataset.journal(plan.round)) {
      const verdict = keys.has(line.key) ? this.#grades.get(line.key) : undefined;
      const problem = verdict && (await this.#problem(line.problemId));
      if (problem && verdict) await this.#writeChain(problem, line, verdict);
    }
  }

  #verdict(problem: Problem, reply: CallReply): Promise<Verdict> {
    const { plan, pool, signal } = this.#options;
    return gradeResponse(pool, plan.grading, problem, reply, signal);
  }

  async #writeChain(problem: Problem, { key, index, reply }: PaidSample, verdict: Verdict): Promise<void> {
    const { dataset, plan, pool, signal, filterContext, head } = this.#options;
    const id = responseId(plan.round, problem.id, index);
    if (this.#chains.has(id)) return;
    this.#chains.set(id, false);
    const candidates = await chainCandidates(pool, responseText(reply), problem, plan.grading, signal);
    const { round, filters, model } = plan;
    const made = {
      round,
      model: model.model,
      problem,
      index,
      key,
      reply,
      verdict,
      candidates,
      filters,
      filterContext,
      head,
    };
    const chain = responseChain(made);
    await dataset.appendChains(round, [chain]);
    this.#chains.set(id, chain.passed);
  }

  #problem(id: string): Promise<Problem | undefined> {
    const { dataset, log } = this.#options;
    const known = this.#problems.get(id);
    if (known) return known;
    const read = dataset.index.problem(id) ? dataset.problem(id) : Promise.resolve(undefined);
    if (!dataset.index.problem(id)) log(`Problem ${id} is no longer in the dataset and is skipped.`);
    this.#problems.set(id, read);
    return read;
  }
}
