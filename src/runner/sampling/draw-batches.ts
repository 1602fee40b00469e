import type { Draw, Sampler } from '../../core/sampling/index.ts';
import type { CallReply, CallRequest, JournalLine, SampleOutcome, SamplingEnd } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { journalKey } from '../../models/key.ts';
import type { Dataset } from '../../store/index.ts';
import type { Journal } from '../calls/journal.ts';
import type { CallCounts } from '../state.ts';
import type { SamplingRoundPlan } from './plan-sampling.ts';
import { responseRequest } from './response-call.ts';
import type { Responses } from './responses.ts';

/** A sample requested in a batch, with the data of its journal line. */
export interface BatchCall {
  key: string;
  problemId: string;
  index: number;
  request: CallRequest;
}

/** `refused`: why the server refuses this one. */
export type BatchAnswer = { reply: CallReply } | { refused: string };

/** Called once for each answer in any order; the next call waits until it resolves. */
export type OnAnswer = (call: BatchCall, answer: BatchAnswer) => Promise<void>;

/** Requests many samples at once on a cluster, whose jobs outlive this process. */
export interface Batches {
  /** Collects the answers of earlier batches of the round. Called before anything is requested, so that nothing is paid twice. */
  collect(round: string, onAnswer: OnAnswer, signal: AbortSignal): Promise<void>;
  /** Requests all samples; absent when the round continues from this machine. @throws when the batch ends without all answers, after passing on those it has */
  ask?:
    | ((round: string, calls: readonly BatchCall[], onAnswer: OnAnswer, signal: AbortSignal) => Promise<void>)
    | undefined;
}

/** Writes answers of a batch into the journal, each once. */
export function journaling(journal: Journal<JournalLine>, counts: CallCounts): OnAnswer {
  return async ({ key, problemId, index, request }, answer) => {
    if ('refused' in answer || journal.has(key)) return;
    const { reply } = answer;
    await journal.append({ key, at: new Date().toISOString(), request, problemId, piece: 'response', index, reply });
    counts.answered(reply);
  };
}

export interface BatchDrawing {
  dataset: Dataset;
  plan: SamplingRoundPlan;
  sampler: Sampler;
  ask: NonNullable<Batches['ask']>;
  keep: OnAnswer;
  responses: Responses;
  signal: AbortSignal;
  seconds: () => number;
  onReturn: () => void;
  log: (text: string) => void;
}

/** A pending request of the sampler. */
interface Requested {
  draw: Draw;
  outcomes: (SampleOutcome | undefined)[];
  left: number;
  refused: boolean;
  use: { promptTokens: number; completionTokens: number };
}

/**
 * Requests in batches everything that the sampler needs before it must know more, such as a stage of a cascade. Requests, keys and seeds are those of
 * the runner.
 * @throws as `ask`; the signal's reason when the round is cancelled.
 */
export async function drawInBatches(context: BatchDrawing): Promise<Exclude<SamplingEnd, { how: 'cancelled' }>> {
  const { sampler, plan, signal, seconds, log } = context;
  for (let batch = 1; ; batch++) {
    signal.throwIfAborted();
    const draws: Draw[] = [];
    let next = sampler.next(seconds());
    for (; !('idle' in next); next = sampler.next(seconds())) draws.push(next);
    if (draws.length === 0) {
      // Nothing is in flight.
      return next.idle === 'budget' ? { how: 'budget', by: next.by } : { how: 'finished' };
    }
    const samples = draws.reduce((sum, { indexes }) => sum + indexes.length, 0);
    log(`Batch ${batch} of this run: ${plural(samples, 'sample')} of ${plural(draws.length, 'request')}.`);
    await drawBatch(plan.round, draws, context);
  }
}

async function drawBatch(round: string, draws: readonly Draw[], context: BatchDrawing): Promise<void> {
  const { ask, keep, signal } = context;
  const calls: BatchCall[] = [];
  const pending = new Map<string, { of: Requested; at: number }>();
  for (const draw of draws) await request(draw, context, calls, pending);
  const onAnswer: OnAnswer = async (call, answer) => {
    await keep(call, answer);
    const found = pending.get(call.key);
    // Answers after a cancel are paid and kept; they are graded when the round is resumed.
    if (!found || signal.aborted) return;
    pending.delete(call.key);
    await take(found.of, found.at, call, answer, context);
  };
  if (calls.length > 0) await ask(round, calls, onAnswer, signal);
}

async function request(
  draw: Draw,
  { dataset, plan, sampler, onReturn }: BatchDrawing,
  calls: BatchCall[],
  pending: Map<string, { of: Requested; at: number }>,
): Promise<void> {
  const { problemId, indexes } = draw;
  const problem = dataset.index.problem(problemId) ? await dataset.problem(problemId) : undefined;
  if (!problem) {
    sampler.gaveUp(draw);
    return onReturn();
  }
  const of: Requested = {
    draw,
    outcomes: indexes.map(() => undefined),
    left: indexes.length,
    refused: false,
    use: { promptTokens: 0, completionTokens: 0 },
  };
  for (const [at, index] of indexes.entries()) {
    const request = responseRequest({ ...plan, response: plan.sampling.response }, problem, index);
    const key = journalKey(request);
    calls.push({ key, problemId, index, request });
    pending.set(key, { of, at });
  }
}

async function take(
  of: Requested,
  at: number,
  { key, problemId, index }: BatchCall,
  answer: Parameters<OnAnswer>[1],
  { sampler, responses, onReturn, log }: BatchDrawing,
): Promise<void> {
  of.left -= 1;
  if ('refused' in answer) {
    of.refused = true;
    log(`${problemId} response #${index}: ${answer.refused}`);
  } else {
    const { reply } = answer;
    of.use.promptTokens += reply.usage.prompt;
    of.use.completionTokens += reply.usage.completion;
    of.outcomes[at] = await responses.grade({ key, problemId, index, reply });
  }
  if (of.left > 0) return;
  const outcomes = of.outcomes.filter((outcome) => outcome !== undefined);
  if (of.refused) sampler.gaveUp(of.draw, of.use);
  else sampler.returned(of.draw, of.use, outcomes);
  onReturn();
}
