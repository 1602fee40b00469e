import { hash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Continued, joinContinuation } from '../../core/continuation/cut.ts';
import { UserError } from '../../core/errors.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import { type CallReply, type GradingPolicy, JournalLine, replyOutcome } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import { GradingPool } from '../../grading/pool.ts';
import { gradeReply } from '../../grading/reply.ts';
import type { Continuation, ContinueArgs, ContinueEvent, ContinueResult } from '../../protocol/continuation.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { explainRunDiskFull } from '../../system/atomic-write.ts';
import type { Paid } from '../calls/cached-client.ts';
import { withCachedClient } from '../calls/with-cached-client.ts';
import { headInUse } from '../classifier/head.ts';
import { PartSender } from '../dialogue/try-parts.ts';
import type { RunContext } from '../run-context.ts';
import { markedChain } from '../sampling/chain.ts';
import { CallCounts } from '../state.ts';
import type { ContinueWork } from './plan-continue.ts';

export interface ContinueContext extends Omit<RunContext, 'progress' | 'batches'> {
  onEvent: (event: ContinueEvent) => void;
}

/** A continuation with its whole chain. */
interface Made {
  continuation: Continuation;
  joined: Continued;
  reply: CallReply;
}

/**
 * Requests the continuations that are not in the journal, grades each as soon as it ends, and keeps or splices one if asked. A killed run is resumed
 * by running it again; nothing is paid twice.
 * @throws ModelError when the endpoint can't continue a text, or can't be used; StoreError when another process continues a chain;
 * UserError `continue` when there is no continuation of the index to keep or splice.
 */
export async function runContinue(
  dataset: Dataset,
  args: ContinueArgs,
  work: ContinueWork,
  context: ContinueContext,
): Promise<Omit<ContinueResult, 'plan'>> {
  const { round } = work.round;
  if (!dataset.index.rounds.includes(round)) await dataset.createRound(work.round);
  const lock = await dataset.lockRound(round);
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs') });
  try {
    const counts = new CallCounts();
    const made = await continueAll(dataset, args, work, { ...context, pool, counts });
    const kept =
      args.keep === undefined ? undefined : await keep(dataset, work, chosen(made, args.keep), pool, context);
    if (args.splice !== undefined) await splice(dataset, args, work, chosen(made, args.splice));
    return {
      round,
      continuations: made.map(({ continuation }) => continuation),
      ...(kept !== undefined && { kept }),
      spliced: args.splice !== undefined,
      calls: counts.calls,
    };
  } catch (error) {
    throw explainRunDiskFull(error);
  } finally {
    await pool.close();
    await lock.release();
  }
}

async function continueAll(
  dataset: Dataset,
  args: ContinueArgs,
  work: ContinueWork,
  context: ContinueContext & { pool: GradingPool; counts: CallCounts },
): Promise<Made[]> {
  const { settings } = dataset;
  const { concurrency, idleTimeoutSeconds } = settings.sampling;
  const parts = new Map<number, PartSender>();
  const indexes = new Map(work.requests.map(({ seed }, index) => [seed, index]));
  const grading = resolvePolicy(settings.grading);
  const options = {
    model: work.round.model,
    journal: join(dataset.roundFolder(work.round.round), 'journal.jsonl'),
    line: JournalLine,
    concurrency: args.concurrency ?? concurrency,
    ...{ idleTimeoutSeconds, calls: settings.calls, counts: context.counts },
    onPart: (seed: number, text: string) => {
      const index = indexes.get(seed) ?? 0;
      const sender =
        parts.get(index) ?? new PartSender((part) => context.onEvent({ type: 'part', index, text: part.text }));
      parts.set(index, sender);
      sender.add({ text, reasoning: '' });
    },
  };
  return await withCachedClient(options, context, async (cached) => {
    const made = await Promise.all(
      work.requests.map(async (request, index) => {
        const name = `${work.chain.id} continuation #${index}`;
        const line = { problemId: work.problem.id, piece: 'continuation', index, continues: work.chain.id };
        const paid = await cached.call(request, (call) => ({ ...call, ...line }), name);
        parts.get(index)?.flush();
        return await ended(work, index, paid, grading, context);
      }),
    );
    cached.throwIfAllRefused();
    return made.filter((one) => one !== undefined);
  });
}

async function ended(
  { cut, problem }: ContinueWork,
  index: number,
  paid: Paid,
  grading: GradingPolicy,
  { pool, signal, onEvent }: ContinueContext & { pool: GradingPool },
): Promise<Made | undefined> {
  if ('refused' in paid) {
    onEvent({ type: 'refused', index, reason: paid.refused.message });
    return undefined;
  }
  const { key, reply } = paid;
  const joined = joinContinuation(cut, reply);
  const whole = { ...reply, text: joined.answer, reasoning: joined.thought };
  const verdict = await gradeReply(pool, problem.answer, whole, policyOfPiece(grading, 'response'), signal);
  const text = joined.text.slice(Math.min(cut.text.length, joined.text.length));
  const ended = text.trim() === '' ? 'empty' : replyOutcome(whole);
  const continuation = { index, key, text, ended, verdict, tokens: reply.usage.completion };
  onEvent({ type: 'done', continuation });
  return { continuation, joined, reply };
}

function chosen(made: readonly Made[], index: number): Made {
  const found = made.find(({ continuation }) => continuation.index === index && continuation.ended !== 'empty');
  if (found) return found;
  const there = made
    .filter(({ continuation }) => continuation.ended !== 'empty')
    .map(({ continuation }) => continuation.index);
  throw new UserError(
    'continue',
    `There is no continuation ${index} with a text.`,
    there.length === 0 ? 'Request more with --samples.' : `Choose one of ${there.join(', ')}.`,
  );
}

/** Adds the chain to the round, once. @returns its id */
async function keep(
  dataset: Dataset,
  { chain, problem, cut, round }: ContinueWork,
  { continuation, joined, reply }: Made,
  pool: GradingPool,
  { signal, log }: ContinueContext,
): Promise<string> {
  const id = `${round.round}/${problem.id}/${hash('sha256', cut.prefix).slice(0, 8)}-${continuation.index}`;
  if (dataset.index.chain(id)) return id;
  const { verdict } = continuation;
  const { filters, grading } = dataset.settings;
  const answer = { piece: 'response', text: joined.answer.trim() || joined.text, verdict, finish: reply.finish };
  const share = cut.text.length / Math.max(1, chain.text.length);
  const made = markedChain(
    {
      ...{ id, round: round.round, problemId: problem.id, origin: 'sampled', model: round.model.model },
      ...{ text: joined.text, segments: joined.segments, verdict },
      continues: { chain: chain.id, at: cut.text.length, call: continuation.key },
      pieces: joined.thought === undefined ? [answer] : [{ piece: 'trace', text: joined.thought }, answer],
      candidates: await chainCandidates(pool, joined.text, problem, resolvePolicy(grading), signal),
      tokens: { count: Math.round(share * chain.tokens.count) + continuation.tokens, estimated: true },
    },
    {
      problem,
      filters,
      filterContext: await filterContextOf(dataset.folder, filters, log),
      head: await headInUse(dataset, log),
    },
  );
  await dataset.appendChains(round.round, [made]);
  await dataset.refresh();
  log(`Kept as ${id}, ${plural(made.text.length, 'character')}.`);
  return id;
}

/** Replaces the rest of the chain, as an edit of the reviewer. */
async function splice(dataset: Dataset, args: ContinueArgs, work: ContinueWork, { joined }: Made): Promise<void> {
  const { reviewer } = args;
  if (reviewer === undefined) {
    throw new UserError('continue', 'An edit needs a reviewer.', 'Name one with --reviewer.');
  }
  const start = Math.min(work.cut.text.length, joined.text.length);
  const insert = joined.text.slice(start);
  await dataset.appendReview({
    ...{ id: randomUUID(), at: new Date().toISOString(), reviewer, chainId: work.chain.id },
    ...{ act: 'edit', changes: [{ start, end: work.text.length, insert }] },
  });
  await dataset.refresh();
}
