import { join } from 'node:path';
import { type Continued, type Cut, joinContinuation } from '../../core/continuation/cut.ts';
import { seedOf } from '../../core/dialogue/index.ts';
import { UserError } from '../../core/errors.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import {
  type CallReply,
  type CallRequest,
  type Chain,
  JournalLine,
  type ModelRef,
  type Problem,
  type RoundPlan,
  replyOutcome,
  type Sampling,
  sameModel,
} from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { GradingPool } from '../../grading/pool.ts';
import { gradeReply } from '../../grading/reply.ts';
import type { ModelError } from '../../models/errors.ts';
import type { Continuation } from '../../protocol/continuation.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { explainRunDiskFull } from '../../system/atomic-write.ts';
import type { Lock } from '../../system/lock.ts';
import type { CachedClient } from '../calls/cached-client.ts';
import { Journal } from '../calls/journal.ts';
import { withCachedClient } from '../calls/with-cached-client.ts';
import type { RunContext } from '../run-context.ts';
import { responsePrompts, responseRequest } from '../sampling/response-call.ts';
import { roundsOf } from '../sampling/tallies.ts';
import type { CallCounts } from '../state.ts';

/** The round of a model's continuations. */
export type ContinuedRound = RoundPlan & { model: ModelRef };

/** The round where calls and kept chains of this model are stored: the one that exists, or the next. */
export async function continuedRound(dataset: Dataset, model: ModelRef): Promise<ContinuedRound> {
  const own = (await roundsOf(dataset, model)).findLast(({ kind }) => kind === 'continued');
  if (own?.model && sameModel(own.model, model)) return { ...own, model: own.model };
  const { grading, filters } = dataset.settings;
  return {
    version: 1,
    round: `${dataset.nextRoundNumber()}-continued`,
    kind: 'continued',
    createdAt: new Date().toISOString(),
    problemIds: [],
    model,
    filters,
    grading: resolvePolicy(grading),
  };
}

/** The journals of this model's other rounds of continuations. */
export async function paidElsewhere(
  dataset: Dataset,
  { round: own, model }: ContinuedRound,
): Promise<Journal<JournalLine>[]> {
  const rounds = (await roundsOf(dataset, model)).filter(
    ({ kind, round }) => (kind === 'continued' || kind === 'repair') && round !== own,
  );
  return Promise.all(
    rounds.map(({ round }) => Journal.open(join(dataset.roundFolder(round), 'journal.jsonl'), JournalLine)),
  );
}

/** What is continued, and how it is requested. */
export interface Asking {
  chain: Chain;
  problem: Problem;
  model: ModelRef;
  response: Sampling;
  prompts: Record<string, string>;
}

/** The prompts of a chain's continuations: a sampled chain is continued after the prompt that it was sampled with. */
export async function promptsOf(dataset: Dataset, chain: Chain): Promise<Record<string, string>> {
  const own = chain.origin === 'sampled' ? (await dataset.roundPlan(chain.round)).prompts : undefined;
  return own?.response === undefined ? await responsePrompts(dataset) : own;
}

/** The request of a continuation. It depends on nothing but the kept text and the number, so that what is paid is found again. */
export function continuationRequest(
  { settings }: Pick<Dataset, 'settings'>,
  { problem, model, response, prompts }: Asking,
  { prefix }: Pick<Cut, 'prefix'>,
  index: number,
): CallRequest {
  const seed = seedOf(settings.id, 'continuation', prefix);
  const request = responseRequest({ model, prompts, seed, response }, problem, index);
  return prefix === '' ? request : { ...request, prefix };
}

/** A continuation with its whole chain. */
export interface Made {
  continuation: Continuation;
  joined: Continued;
  reply: CallReply;
}

export interface ContinuingOptions {
  round: ContinuedRound;
  concurrency: number | undefined;
  counts: CallCounts;
  /** Called with the seed of a request while its reply is written; see CachedClientOptions. */
  onPart?: (seed: number, text: string, isFirst: boolean) => void;
  /** Calls that other rounds have paid. */
  paid?: readonly Pick<Journal<JournalLine>, 'get' | 'has'>[];
}

/** Pays for continuations of one model, and grades them. */
export interface Continuing {
  readonly pool: GradingPool;
  readonly cached: CachedClient<JournalLine>;
  /** One continuation, from the journal if it is there; why it is refused otherwise. @throws ModelError when continuing is useless */
  ask(asking: Asking, cut: Cut, index: number): Promise<Made | { refused: ModelError }>;
  /** Whether `ask` costs nothing. */
  isPaid(asking: Asking, cut: Cut, index: number): boolean;
}

/**
 * Opens the round of continuations for `work`; creates it first if necessary.
 * @throws ModelError when the model can't be used; UserError `continue` when another process has the round; as `work`
 */
export async function withContinuing<T>(
  dataset: Dataset,
  options: ContinuingOptions,
  context: Omit<RunContext, 'progress' | 'batches'>,
  work: (continuing: Continuing) => Promise<T>,
): Promise<T> {
  const lock = await lockContinuations(dataset, options.round);
  try {
    return await continueInRound(dataset, options, context, work);
  } catch (error) {
    throw explainRunDiskFull(error);
  } finally {
    await lock.release();
  }
}

async function lockContinuations(dataset: Dataset, plan: ContinuedRound): Promise<Lock> {
  try {
    if (!dataset.index.rounds.includes(plan.round)) await dataset.createRound(plan);
    return await dataset.lockRound(plan.round);
  } catch (error) {
    // Another process may also have created the round since the index was read.
    if (!(error instanceof StoreError) || (error.kind !== 'locked' && error.kind !== 'round-exists')) throw error;
    const message = 'Another window or command requests continuations of this model now.';
    const advice = 'Wait until it has finished, or cancel it there. What it pays for is used here.';
    throw new UserError('continue', message, advice, { cause: error });
  }
}

/** As `withContinuing`, in a round whose lock the caller holds. */
export async function continueInRound<T>(
  dataset: Dataset,
  { round, concurrency, counts, onPart, paid }: ContinuingOptions,
  context: Omit<RunContext, 'progress' | 'batches'>,
  work: (continuing: Continuing) => Promise<T>,
): Promise<T> {
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  const { sampling, calls } = dataset.settings;
  const options = {
    model: round.model,
    journal: join(dataset.roundFolder(round.round), 'journal.jsonl'),
    line: JournalLine,
    concurrency: concurrency ?? sampling.concurrency,
    ...{ idleTimeoutSeconds: sampling.idleTimeoutSeconds, calls, counts, onPart, paid },
  };
  try {
    return await withCachedClient(options, context, async (cached) => {
      const ask = (asking: Asking, cut: Cut, index: number) =>
        continueOnce(dataset, { asking, cut, index }, { cached, pool, signal: context.signal });
      const isPaid = (asking: Asking, cut: Cut, index: number) =>
        cached.isPaid(continuationRequest(dataset, asking, cut, index));
      return await work({ pool, cached, ask, isPaid });
    });
  } finally {
    await pool.close();
  }
}

async function continueOnce(
  dataset: Dataset,
  { asking, cut, index }: { asking: Asking; cut: Cut; index: number },
  { cached, pool, signal }: { cached: CachedClient<JournalLine>; pool: GradingPool; signal: AbortSignal },
): Promise<Made | { refused: ModelError }> {
  const { chain, problem } = asking;
  const paid = await cached.call(
    continuationRequest(dataset, asking, cut, index),
    (call) => ({ ...call, problemId: problem.id, piece: 'continuation', index, continues: chain.id }),
    `${chain.id} continuation #${index}`,
  );
  if ('refused' in paid) return paid;
  const { key, reply } = paid;
  const joined = joinContinuation(cut, reply);
  const text = joined.text.slice(Math.min(cut.text.length, joined.text.length));
  const graded = await gradeJoined(dataset, { problem, joined, reply }, pool, signal);
  const ended = text.trim() === '' && graded.ended === 'answered' ? 'empty' : graded.ended;
  const { verdict } = graded;
  return { continuation: { index, key, text, ended, verdict, tokens: reply.usage.completion }, joined, reply };
}

/** @throws UserError `continue` for a named chain that does not exist, or more of them than the limit */
export function refuseNamedChains(
  { index }: Pick<Dataset, 'index'>,
  { chains = [], limit }: { chains?: readonly string[] | undefined; limit: number },
): void {
  const unknown = chains.find((id) => index.chain(id) === undefined);
  if (unknown !== undefined)
    throw new UserError('continue', `The dataset has no chain “${unknown}”.`, 'Check --chains.');
  const named = new Set(chains).size;
  if (named <= limit) return;
  const message = `--chains names ${plural(named, 'chain')}, and --limit is ${formatCount(limit)}.`;
  throw new UserError('continue', message, `Add --limit ${named}.`);
}

/** Whether continuations of a problem can be graded: its gold answer can be read. */
export async function isGradable(
  { settings }: Pick<Dataset, 'settings'>,
  { answer }: Pick<Problem, 'answer'>,
  pool: GradingPool,
  signal: AbortSignal,
): Promise<boolean> {
  const policy = policyOfPiece(resolvePolicy(settings.grading), 'response');
  return (await pool.grade(answer, '', policy, signal)).outcome !== 'unknown';
}

/** The verdict on the final answer of a continued chain, and how it ended. */
export async function gradeJoined(
  { settings }: Pick<Dataset, 'settings'>,
  { problem, joined, reply }: { problem: Pick<Problem, 'answer'>; joined: Continued; reply: CallReply },
  pool: GradingPool,
  signal: AbortSignal,
): Promise<Pick<Continuation, 'verdict' | 'ended'>> {
  const whole = { ...reply, text: joined.answer, reasoning: joined.thought };
  const policy = policyOfPiece(resolvePolicy(settings.grading), 'response');
  return { verdict: await gradeReply(pool, problem.answer, whole, policy, signal), ended: replyOutcome(whole) };
}
