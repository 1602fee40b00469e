import { seedOf } from '../dialogue/index.ts';
import type { SampleOutcome } from '../schemas/index.ts';
import { plural } from '../text/format.ts';
import { addUse, type BudgetKind, exceeded, NO_USE, type Use } from './budget.ts';
import { type PilotState, type Policy, policyOf, stageEnds } from './policies/index.ts';
import { PriorityQueue } from './queue.ts';
import { priority, type Rule, samplesNow } from './rule.ts';
import type { SamplingSettings } from './settings.ts';
import { SurvivorGate } from './survivors.ts';
import { addOutcome, emptyTally, type Tally } from './tally.ts';

/** A problem of a running round. */
export interface SamplerProblem {
  problemId: string;
  /** Graded samples of earlier rounds. */
  earlier: { attempts: number; successes: number };
  /** Tokens of its request; with `maxTokens` they are reserved until the use is known. */
  promptTokens: number;
}

/** A graded sample, as stored in a journal. */
export interface Sample {
  problemId: string;
  /** Number of the sample within its problem, from 0; each has its own seed. */
  index: number;
  outcome: SampleOutcome;
}

/** One request for the samples with these indexes. */
export interface Draw {
  problemId: string;
  indexes: number[];
}

export interface SamplerOptions {
  settings: Pick<SamplingSettings, 'policy' | 'budget' | 'prices' | 'samplesPerRequest' | 'seed'>;
  /** Maximum completion tokens of one sample. */
  maxTokens: number;
  /** For a resume: the existing samples in any order, and their cost. */
  done?: { samples: readonly Sample[]; use: Use; seconds: number };
}

/** `finished`: by the policy. `unreadable`: the gold answer can't be read. `failed`: a request failed after all retries. */
export type ProblemState = 'open' | 'finished' | 'unreadable' | 'failed';

/** Why there is no draw: results in flight are needed first, nothing is left, or the budget is used up. */
export type Idle = { idle: 'wait' } | { idle: 'finished' } | { idle: 'budget'; by: BudgetKind };

interface Entry {
  problem: SamplerProblem;
  /** Breaks ties, so that the end of a budget does not favour the start of a file. */
  order: number;
  rule: Rule;
  state: ProblemState;
  /** Samples and successes up to the last complete batch, on which the rule decides. */
  drawn: number;
  successes: number;
  graded: number;
  /** Indexes of the batch that are not in flight or complete, ascending. */
  pending: number[];
  batchEnd: number;
  /** Samples of the batch without a result. */
  missing: number;
  results: Map<number, SampleOutcome>;
  tally: Tally;
  queued: boolean;
  /** Waits at the end of a stage or of the pilot. */
  gated: boolean;
}

/**
 * The state of a running round: selects the next request and records results. The samples drawn depend only on the outcomes, not on their
 * order, so that a resumed sampler continues identically, except where a budget ends. A request in flight reserves its maximum use. Has no
 * files and no clock.
 */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #policy: Policy;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new PriorityQueue<Entry>(isBefore);
  readonly #gate: SurvivorGate | undefined;
  readonly #inFlight = new Map<string, Use>();
  #used: Use;
  #reserved: Use = NO_USE;
  #seconds: number;
  #inPilot = true;
  #piloting: number;

  constructor(problems: readonly SamplerProblem[], options: SamplerOptions) {
    this.#options = options;
    this.#policy = policyOf(options.settings.policy);
    this.#used = options.done?.use ?? NO_USE;
    this.#seconds = options.done?.seconds ?? 0;
    const { policy, seed } = options.settings;
    this.#gate =
      policy.policy === 'cascade'
        ? new SurvivorGate(stageEnds(policy.stages), policy.leastSurvivors, problems.length)
        : undefined;
    for (const problem of problems) this.#entries.set(problem.problemId, newEntry(problem, seed, this.#policy.pilot));
    if (this.#entries.size !== problems.length) throw new RangeError('two problems have the same id');
    this.#piloting = this.#entries.size;
    for (const { problemId, index, outcome } of options.done?.samples ?? []) this.#note(problemId, index, outcome);
    for (const entry of this.#entries.values()) this.#advance(entry);
    this.#settle();
  }

  /** Use so far, without requests in flight. */
  get used(): Use {
    return this.#used;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The tally of this round and the state of a problem; undefined for an unknown id. */
  problem(problemId: string): { tally: Tally; state: ProblemState } | undefined {
    const entry = this.#entries.get(problemId);
    return entry && { tally: entry.tally, state: entry.state };
  }

  /** The next request, or why there is none. `seconds`: wall time of the round, over all its runs. */
  next(seconds: number): Draw | Idle {
    this.#seconds = seconds;
    while (this.#queue.first && this.#queue.first.state !== 'open') this.#queue.shift();
    const entry = this.#queue.first;
    if (!entry) return { idle: this.inFlight > 0 ? 'wait' : 'finished' };
    if (seconds >= (this.#options.settings.budget.seconds ?? Number.POSITIVE_INFINITY)) {
      return this.inFlight > 0 ? { idle: 'wait' } : { idle: 'budget', by: 'seconds' };
    }
    let by: BudgetKind | undefined;
    for (let size = Math.min(this.#options.settings.samplesPerRequest, entry.pending.length); size > 0; size--) {
      const use = this.#worst(entry, size);
      by = this.#over(use);
      if (by === undefined) return this.#handOut(entry, size, use);
    }
    // Reserved use of requests in flight may become available.
    return this.inFlight > 0 || by === undefined ? { idle: 'wait' } : { idle: 'budget', by };
  }

  /**
   * Records the use of a request and the outcomes of its samples, in the order of `draw.indexes`. If a server returned fewer, the rest must be
   * requested first. Throws a RangeError for an unknown request or another number of outcomes.
   */
  returned(draw: Draw, use: Pick<Use, 'promptTokens' | 'completionTokens'>, outcomes: readonly SampleOutcome[]): void {
    if (outcomes.length !== draw.indexes.length) {
      throw new RangeError(
        `asked for ${plural(draw.indexes.length, 'sample')}, got ${plural(outcomes.length, 'outcome')}`,
      );
    }
    this.#release(draw);
    this.#used = addUse(this.#used, { samples: outcomes.length, requests: 1, ...use });
    draw.indexes.forEach((index, i) => {
      const outcome = outcomes[i];
      if (outcome) this.#note(draw.problemId, index, outcome);
    });
    const entry = this.#entries.get(draw.problemId);
    if (entry) this.#advance(entry);
    this.#settle();
  }

  /** Records that a request failed after its last retry: its problem gets no further requests. Throws as `returned` does. */
  gaveUp(
    draw: Draw,
    use: Pick<Use, 'promptTokens' | 'completionTokens'> = { promptTokens: 0, completionTokens: 0 },
  ): void {
    this.#release(draw);
    this.#used = addUse(this.#used, { samples: 0, requests: 1, ...use });
    const entry = this.#entries.get(draw.problemId);
    if (entry?.state === 'open') this.#close(entry, 'failed');
    this.#settle();
  }

  #worst({ problem }: Entry, samples: number): Use {
    const { maxTokens } = this.#options;
    return { samples, requests: 1, promptTokens: problem.promptTokens, completionTokens: samples * maxTokens };
  }

  #over(use: Use): BudgetKind | undefined {
    const { budget, prices } = this.#options.settings;
    return exceeded(addUse(addUse(this.#used, this.#reserved), use), this.#seconds, budget, prices);
  }

  #handOut(entry: Entry, size: number, use: Use): Draw {
    this.#queue.shift();
    entry.queued = false;
    const draw = { problemId: entry.problem.problemId, indexes: entry.pending.splice(0, size) };
    this.#inFlight.set(keyOf(draw), use);
    this.#reserved = addUse(this.#reserved, use);
    this.#enqueue(entry);
    return draw;
  }

  #release(draw: Draw): void {
    const key = keyOf(draw);
    const use = this.#inFlight.get(key);
    if (!use)
      throw new RangeError(`no such request is in flight: ${draw.problemId}, samples ${draw.indexes.join(', ')}`);
    this.#inFlight.delete(key);
    this.#reserved = this.#inFlight.size === 0 ? NO_USE : addUse(this.#reserved, use, -1);
  }

  #note(problemId: string, index: number, outcome: SampleOutcome): void {
    const entry = this.#entries.get(problemId);
    if (!entry || entry.results.has(index)) return;
    entry.results.set(index, outcome);
    if (index >= entry.drawn && index < entry.batchEnd) entry.missing -= 1;
    entry.tally = addOutcome(entry.tally, outcome);
    if (outcome === 'unknown' && entry.state === 'open') this.#close(entry, 'unreadable');
  }

  /** Counts complete batches and asks the rule for the next one. */
  #advance(entry: Entry): void {
    while (entry.state === 'open' && !entry.gated && entry.missing === 0) {
      for (; entry.drawn < entry.batchEnd; entry.drawn++) {
        const outcome = entry.results.get(entry.drawn);
        if (outcome === 'correct') entry.successes += 1;
        if (outcome === 'correct' || outcome === 'incorrect') entry.graded += 1;
      }
      const more = samplesNow(entry.rule, entry.drawn, entry.successes);
      if (more === 0 && this.#inPilot) {
        this.#piloting -= 1;
        entry.gated = true;
      } else if (more === 0) this.#close(entry, 'finished');
      else if (this.#gate && entry.drawn > 0) {
        entry.gated = true;
        this.#gate.arrive(entry.problem.problemId, entry.drawn);
      } else this.#ask(entry, more);
    }
  }

  #ask(entry: Entry, more: number): void {
    entry.batchEnd = entry.drawn + more;
    entry.pending = Array.from({ length: more }, (_, i) => entry.drawn + i).filter(
      (index) => !entry.results.has(index),
    );
    entry.missing = entry.pending.length;
    this.#enqueue(entry);
  }

  #enqueue(entry: Entry): void {
    if (entry.queued || entry.state !== 'open' || entry.pending.length === 0) return;
    entry.queued = true;
    this.#queue.push(entry);
  }

  #close(entry: Entry, state: Exclude<ProblemState, 'open'>): void {
    if (this.#inPilot && !entry.gated) this.#piloting -= 1;
    entry.state = state;
    entry.pending = [];
    this.#gate?.leave(entry.problem.problemId);
  }

  /** Decisions that need all problems: the rules after the last pilot, and which problems enter the next stage. */
  #settle(): void {
    if (this.#inPilot && this.#piloting === 0) {
      this.#inPilot = false;
      const open = [...this.#entries.values()].filter(({ state }) => state === 'open');
      const rules = this.#policy.rules(open.map(pilotState));
      open.forEach((entry, i) => {
        entry.rule = rules[i] ?? entry.rule;
        entry.gated = false;
        this.#advance(entry);
      });
    }
    for (let decided = this.#gate?.decide() ?? []; decided.length > 0; decided = this.#gate?.decide() ?? []) {
      for (const { problemId, continues } of decided) {
        const entry = this.#entries.get(problemId);
        if (entry?.state !== 'open') continue;
        entry.gated = false;
        if (continues) {
          this.#ask(entry, samplesNow(entry.rule, entry.drawn, entry.successes));
          this.#advance(entry);
        } else this.#close(entry, 'finished');
      }
    }
  }
}

function newEntry(problem: SamplerProblem, seed: number, pilot: number): Entry {
  return {
    problem,
    order: seedOf(seed, problem.problemId),
    rule: { kind: 'total', total: pilot },
    state: 'open',
    drawn: 0,
    successes: 0,
    graded: 0,
    pending: [],
    batchEnd: 0,
    missing: 0,
    results: new Map(),
    tally: emptyTally(problem.problemId),
    queued: false,
    gated: false,
  };
}

function pilotState({ problem: { earlier }, drawn, graded, successes }: Entry): PilotState {
  return { earlier, drawn, graded, successes, weight: 1 };
}

function isBefore(one: Entry, other: Entry): boolean {
  const [a, b] = [urgency(one), urgency(other)];
  if (a !== b) return a > b;
  return one.order !== other.order ? one.order < other.order : one.problem.problemId < other.problem.problemId;
}

function urgency({ rule, pending, drawn, successes }: Entry): number {
  return priority(rule, pending[0] ?? drawn, successes);
}

function keyOf({ problemId, indexes }: Draw): string {
  return JSON.stringify([problemId, indexes[0]]);
}
