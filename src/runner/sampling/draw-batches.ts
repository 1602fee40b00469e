import type { JournalLine, SamplingEnd } from '../../core/model/index.ts';
import type { Draw, SampleOutcome, Sampler } from '../../core/sampling/index.ts';
import { journalKey } from '../../models/key.ts';
import type { Dataset } from '../../store/index.ts';
import type { Journal } from '../journal.ts';
import type { CallCounts } from '../state.ts';
import type { BatchCall, Batches, OnAnswer } from './batches.ts';
import { responseRequest } from './response-call.ts';
import type { Responses } from './responses.ts';
import type { SamplingRoundPlan } from './work.ts';

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

/** A request of the sampler on its way. */
interface Wanted {
  draw: Draw;
  outcomes: (SampleOutcome | undefined)[];
  left: number;
  refused: boolean;
  use: { promptTokens: number; completionTokens: number };
}

/**
 * Asks in batches: all that the sampler wants before it must know more, such as a stage of a cascade. Requests, keys and seeds are those that the runner would ask for.
 * @throws what `ask` does; the signal's reason when the round is cancelled.
 */
export async function drawInBatches(context: BatchDrawing): Promise<Exclude<SamplingEnd, { how: 'cancelled' }>> {
  const { sampler, plan, signal, seconds, log } = context;
  for (let batch = 1; ; batch++) {
    signal.throwIfAborted();
    const draws: Draw[] = [];
    let next = sampler.next(seconds());
    for (; !('idle' in next); next = sampler.next(seconds())) draws.push(next);
    if (draws.length === 0) {
      // Nothing is in flight, so that there is nothing to wait for.
      return next.idle === 'budget' ? { how: 'budget', by: next.by } : { how: 'finished' };
    }
    const samples = draws.reduce((sum, { indexes }) => sum + indexes.length, 0);
    log(`Batch ${batch} of this run: ${samples} samples of ${draws.length} requests.`);
    await drawBatch(plan.round, draws, context);
  }
}

async function drawBatch(round: string, draws: readonly Draw[], context: BatchDrawing): Promise<void> {
  const { ask, keep, signal } = context;
  const calls: BatchCall[] = [];
  const wanted = new Map<string, { of: Wanted; at: number }>();
  for (const draw of draws) await want(draw, context, calls, wanted);
  const onAnswer: OnAnswer = async (call, answer) => {
    await keep(call, answer);
    const found = wanted.get(call.key);
    // What comes after the round was cancelled is paid for and kept; it is graded when the round goes on.
    if (!found || signal.aborted) return;
    wanted.delete(call.key);
    await take(found.of, found.at, call, answer, context);
  };
  if (calls.length > 0) await ask(round, calls, onAnswer, signal);
}

async function want(
  draw: Draw,
  { dataset, plan, sampler, onReturn }: BatchDrawing,
  calls: BatchCall[],
  wanted: Map<string, { of: Wanted; at: number }>,
): Promise<void> {
  const { problemId, indexes } = draw;
  const problem = dataset.index.problem(problemId) ? await dataset.problem(problemId) : undefined;
  if (!problem) {
    sampler.gaveUp(draw);
    return onReturn();
  }
  const of: Wanted = {
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
    wanted.set(key, { of, at });
  }
}

async function take(
  of: Wanted,
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
