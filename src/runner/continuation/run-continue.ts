import { randomUUID } from 'node:crypto';
import type { Continued } from '../../core/continuation/cut.ts';
import { UserError } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { foldActs } from '../../core/review/index.ts';
import type { PieceRecord, TextChange } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { chainCandidates } from '../../grading/candidates.ts';
import type { GradingPool } from '../../grading/pool.ts';
import { type ContinueArgs, type ContinueEvent, type ContinueResult, indexesOf } from '../../protocol/continuation.ts';
import { filterContextOf } from '../../store/benchmarks.ts';
import type { Dataset } from '../../store/index.ts';
import { headInUse } from '../classifier/head.ts';
import { PartSender } from '../dialogue/try-parts.ts';
import type { RunContext } from '../run-context.ts';
import { markedChain } from '../sampling/chain.ts';
import { CallCounts } from '../state.ts';
import { type Continuing, continuationRequest, type Made, withContinuing } from './continuing.ts';
import type { ContinueWork } from './plan-continue.ts';

export interface ContinueContext extends Omit<RunContext, 'progress' | 'batches'> {
  onEvent: (event: ContinueEvent) => void;
}

/**
 * Requests the continuations that are not in the journal, grades each as soon as it ends, and keeps one or writes it into the chain if asked. A killed run is resumed
 * by running it again; nothing is paid twice.
 * @throws ModelError when the endpoint can't continue a text, or can't be used;
 * UserError `continue` when another process continues chains of the model, the chain can't be edited so, or there is no continuation of the index to keep or to write.
 */
export async function runContinue(
  dataset: Dataset,
  args: ContinueArgs,
  work: ContinueWork,
  context: ContinueContext,
): Promise<Omit<ContinueResult, 'plan'>> {
  const editor = args.write === undefined ? undefined : editorOf(args, work);
  const counts = new CallCounts();
  const parts = new PartsByIndex(dataset, indexesOf(args), work, context.onEvent);
  const options = {
    round: work.round,
    concurrency: args.concurrency,
    counts,
    onPart: parts.add.bind(parts),
    paid: work.paid,
  };
  return await withContinuing(dataset, options, context, async (continuing) => {
    const made = await continueAll(args, work, continuing, parts, context);
    const kept =
      args.keep === undefined
        ? undefined
        : await keep(dataset, work, chosen(made, args.keep), continuing.pool, context);
    if (args.write !== undefined && editor !== undefined) {
      await write(dataset, editor, work, chosen(made, args.write));
    }
    return {
      round: work.round.round,
      continuations: made.map(({ continuation }) => continuation),
      ...(kept !== undefined && { kept }),
      written: args.write !== undefined,
      calls: counts.calls,
    };
  });
}

async function continueAll(
  args: ContinueArgs,
  { asking, cut }: ContinueWork,
  { ask, cached }: Continuing,
  parts: PartsByIndex,
  { onEvent }: ContinueContext,
): Promise<Made[]> {
  const made = await Promise.all(
    indexesOf(args).map(async (index) => {
      const one = await ask(asking, cut, index);
      parts.flush(index);
      if ('refused' in one) {
        onEvent({ type: 'refused', index, reason: one.refused.message });
        return undefined;
      }
      onEvent({ type: 'done', continuation: one.continuation });
      return one;
    }),
  );
  cached.throwIfAllRefused();
  return made.filter((one) => one !== undefined);
}

/** Sends the text of each continuation while it is written. */
class PartsByIndex {
  readonly #indexes: ReadonlyMap<number, number>;
  readonly #senders = new Map<number, PartSender>();
  readonly #onEvent: ContinueContext['onEvent'];

  constructor(
    dataset: Dataset,
    indexes: readonly number[],
    { asking, cut }: ContinueWork,
    onEvent: ContinueContext['onEvent'],
  ) {
    this.#indexes = new Map(
      indexes.map((index) => [continuationRequest(dataset, asking, cut, index).seed, index] as const),
    );
    this.#onEvent = onEvent;
  }

  add(seed: number, text: string, isFirst: boolean): void {
    const index = this.#indexes.get(seed) ?? 0;
    let sender = this.#senders.get(index);
    if (sender && isFirst) {
      sender.flush();
      this.#onEvent({ type: 'part', index, text: '', restarts: true });
    }
    if (!sender) {
      sender = new PartSender((part) => this.#onEvent({ type: 'part', index, text: part.text }));
      this.#senders.set(index, sender);
    }
    sender.add({ text, reasoning: '' });
  }

  flush(index: number): void {
    this.#senders.get(index)?.flush();
  }
}

function chosen(made: readonly Made[], index: number): Made {
  const found = made.find(({ continuation }) => continuation.index === index && continuation.text.trim() !== '');
  if (found) return found;
  const there = made
    .filter(({ continuation }) => continuation.text.trim() !== '')
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
  { asking: { chain, problem }, cut, round }: ContinueWork,
  { continuation, joined, reply }: Made,
  pool: GradingPool,
  { signal, log }: ContinueContext,
): Promise<string> {
  // Other prompts or sampling make another chain.
  const id = `${round.round}/${problem.id}/${continuation.key.slice(0, 12)}-${continuation.index}`;
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
      pieces: piecesOf(joined, answer),
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

function piecesOf({ thought, answer }: Continued, record: PieceRecord): PieceRecord[] {
  if (thought === undefined) return [record];
  return answer.trim() === '' ? [{ ...record, onlyThought: true }] : [{ piece: 'trace', text: thought }, record];
}

/** Whose edit it is to write into the chain. @throws UserError `continue` where none can be made, before anything is paid */
export function editorOf({ reviewer }: ContinueArgs, { asking, cut }: ContinueWork): string {
  if (reviewer === undefined) {
    throw new UserError('continue', 'An edit needs a reviewer.', 'Name one with --reviewer.');
  }
  if (asking.chain.pieces.at(-1)?.onlyThought) {
    const advice = 'Keep the continuation as a new chain, which can have an answer.';
    throw new UserError('continue', 'The chain is a thought without an answer, and no edit ends it.', advice);
  }
  if (cut.segments.at(-1)?.train === false) {
    const advice = 'Keep the continuation as a new chain, where it is trained.';
    throw new UserError(
      'continue',
      'The text before the place is not trained, and an edit would not be either.',
      advice,
    );
  }
  return reviewer;
}

/** Replaces the rest of the chain, as an edit of the reviewer. @throws UserError `continue` where the reviewer has edited it meanwhile */
async function write(dataset: Dataset, reviewer: string, work: ContinueWork, { joined }: Made): Promise<void> {
  const { chain } = work.asking;
  await dataset.refresh();
  if (foldActs(chain, await dataset.reviewActs(chain.id, reviewer)).text !== work.text) {
    const advice = 'Continue the new text, or keep the continuation as a new chain with --keep. It is not paid again.';
    throw new UserError(
      'continue',
      'The text was edited while it was continued, so nothing was written into it.',
      advice,
    );
  }
  await dataset.appendReview({
    ...{ id: randomUUID(), at: new Date().toISOString(), reviewer, chainId: chain.id },
    ...{ act: 'edit', changes: changesOf(work, joined) },
  });
  await dataset.refresh();
}

/** The rest of the thought and the answer are replaced apart, so that each stays in its segment. */
function changesOf({ cut, text, answerStart }: ContinueWork, joined: Continued): TextChange[] {
  const start = Math.min(cut.text.length, joined.text.length);
  const answer = joined.segments.find(({ piece, start: at }) => piece === 'response' && at >= start);
  if (!cut.inThought || answer === undefined) return [{ start, end: text.length, insert: joined.text.slice(start) }];
  return [
    { start, end: answerStart, insert: joined.text.slice(start, answer.start) },
    { start: answerStart, end: text.length, insert: joined.text.slice(answer.start) },
  ];
}
