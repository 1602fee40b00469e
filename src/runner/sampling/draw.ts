import type { Draw, Sampler } from '../../core/sampling/index.ts';
import type { JournalLine, SampleOutcome, SamplingEnd } from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import type { CachedClient } from '../calls/cached-client.ts';
import type { SamplingRoundPlan } from './plan-sampling.ts';
import { responseRequest } from './response-call.ts';
import type { Responses } from './responses.ts';

export interface DrawContext {
  dataset: Dataset;
  plan: SamplingRoundPlan;
  sampler: Sampler;
  cached: Pick<CachedClient<JournalLine>, 'callMany'>;
  responses: Responses;
  signal: AbortSignal;
  /** Wall time of the round so far, over all runs. */
  seconds: () => number;
  /** Called for each reply. */
  onReturn: () => void;
}

/**
 * Requests what the sampler needs, within the limit in flight, until it is finished or a budget is used.
 * @throws ModelError when continuing is useless; the signal's reason when the round is cancelled.
 */
export async function drawAll(context: DrawContext): Promise<Exclude<SamplingEnd, { how: 'cancelled' }>> {
  const { sampler, plan, signal, seconds } = context;
  const { concurrency } = plan.sampling;
  const running = new Set<Promise<void>>();
  let inFlight = 0;
  for (;;) {
    signal.throwIfAborted();
    const next = inFlight < concurrency ? sampler.next(seconds()) : ({ idle: 'wait' } as const);
    if (!('idle' in next)) {
      inFlight += next.indexes.length;
      const task = draw(next, context).finally(() => {
        running.delete(task);
        inFlight -= next.indexes.length;
      });
      running.add(task);
      // Awaited below; avoids an unhandled rejection before that.
      task.catch(() => undefined);
    } else if (next.idle === 'wait') await Promise.race(running);
    else return next.idle === 'finished' ? { how: 'finished' } : { how: 'budget', by: next.by };
  }
}

async function draw(what: Draw, { dataset, plan, sampler, cached, responses, onReturn }: DrawContext): Promise<void> {
  const { problemId, indexes } = what;
  const problem = dataset.index.problem(problemId) ? await dataset.problem(problemId) : undefined;
  if (!problem) {
    sampler.gaveUp(what);
    return onReturn();
  }
  const asking = { ...plan, response: plan.sampling.response };
  const requests = indexes.map((index) => responseRequest(asking, problem, index));
  const indexOf = (i: number): number => indexes[i] ?? 0;
  const paid = await cached.callMany(
    requests,
    (call, i) => ({ ...call, problemId, piece: 'response', index: indexOf(i) }),
    `${problemId} response #${indexes.join(', ')}`,
  );
  const use = { promptTokens: 0, completionTokens: 0 };
  const outcomes: SampleOutcome[] = [];
  for (const [i, one] of paid.entries()) {
    if ('refused' in one) continue;
    use.promptTokens += one.reply.usage.prompt;
    use.completionTokens += one.reply.usage.completion;
    outcomes.push(await responses.grade({ key: one.key, problemId, index: indexOf(i), reply: one.reply }));
  }
  if (outcomes.length === indexes.length) sampler.returned(what, use, outcomes);
  else sampler.gaveUp(what, use);
  onReturn();
}
