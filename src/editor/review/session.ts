import type { ReviewAct } from '../../core/model/index.ts';
import { foldActs } from '../../core/review/index.ts';
import type { ActPayload, Go, ReviewCounts, ReviewItem, Sample } from '../../protocol/review.ts';
import { SittingQueue } from './queue.ts';
import type { ReviewSource } from './source.ts';

/** What the panel shows after a move. */
export interface SessionView {
  /** From 1; 0 when the chain is not in the queue. */
  position: number;
  total: number;
  counts: ReviewCounts;
  item: ReviewItem | null;
  next: ReviewItem | null;
  previous: ReviewItem | null;
}

/** Makes what an act carries besides its content. */
interface Stamp {
  id(): string;
  /** ISO 8601. */
  at(): string;
}

/** A move that leads nowhere, in words for the reviewer. */
export type DeadEnd = string | undefined;

interface Done {
  actId: string;
  chainId: string;
}

/** Acts that a text may refuse. */
const STANDS_ON_TEXT: ReadonlySet<ReviewAct['act']> = new Set(['edit', 'label', 'unlabel', 'respan']);

/** Longest text that the comparison carries for each sample, in code units. */
const SAMPLE_LIMIT = 20_000;
/** Samples that the comparison lists, at most. */
const SAMPLES = 40;

/**
 * One sitting of one reviewer: where in the queue, what is prepared, what can be undone. Undo goes over the whole sitting
 * and back to the chain of the act. Calls are worked off one after another, so keys pressed fast stay in order.
 */
export class ReviewSession {
  readonly #source: ReviewSource;
  readonly #stamp: Stamp;
  readonly #queue = new SittingQueue();
  readonly #items = new Map<string, Promise<ReviewItem | undefined>>();
  readonly #done: Done[] = [];
  readonly #undone: Done[] = [];
  #current: string | undefined;
  /** Where the current chain stands, or would stand, in the queue. */
  #index = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(source: ReviewSource, stamp: Stamp) {
    this.#source = source;
    this.#stamp = stamp;
  }

  get chainId(): string | undefined {
    return this.#current;
  }

  /** Begins a sitting at `chainId`, or at the head of the queue. What was done before can still be undone. */
  open(chainId?: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#items.clear();
      this.#queue.reset(await this.#source.queue());
      this.#moveTo(chainId ?? this.#queue.at(0));
    });
  }

  /** Files or the filter changed: reads again what is shown and prepared. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      this.#items.clear();
      const following = this.#following();
      this.#queue.update(await this.#source.queue());
      if (this.#current === undefined) {
        this.#moveTo(this.#queue.at(0));
        return;
      }
      const index = this.#queue.indexOf(this.#current);
      const next = following.map((id) => this.#queue.indexOf(id)).find((place) => place >= 0);
      this.#index = index >= 0 ? index : (next ?? Math.min(this.#index, this.#queue.length));
    });
  }

  /**
   * Records an act and, after a decision, moves on. An edit or label that can't stand on the text is refused in words and
   * not written. Rejects with the source's error when the act couldn't be written; then the sitting stands where it stood.
   */
  act(chainId: string, payload: ActPayload): Promise<DeadEnd> {
    return this.#inTurn(async () => {
      const act: ReviewAct = { ...payload, ...this.#stampFor(chainId) };
      if (chainId !== this.#current) this.#moveTo(chainId);
      const refusal = await this.#refusal(act);
      if (refusal !== undefined) return refusal;
      await this.#append(act);
      this.#done.push({ actId: act.id, chainId });
      this.#undone.length = 0;
      const decided = act.act === 'accept' || act.act === 'reject' || act.act === 'skip';
      return decided ? this.#step(1, 'That was the last chain of the queue.') : undefined;
    });
  }

  /** Takes back the last act of the sitting; before the first one, the last act on the chain shown. */
  undo(): Promise<DeadEnd> {
    return this.#inTurn(() => this.#reverse('undo'));
  }

  redo(): Promise<DeadEnd> {
    return this.#inTurn(() => this.#reverse('redo'));
  }

  go(to: Go): Promise<DeadEnd> {
    return this.#inTurn(async () => {
      if (to === 'next') return this.#step(1, 'This is the last chain of the queue.');
      if (to === 'previous') return this.#step(-1, 'This is the first chain of the queue.');
      if ((await this.#item(to.chainId)) === undefined) return 'That chain is no longer in the dataset.';
      this.#moveTo(to.chainId);
      return undefined;
    });
  }

  /** The chain shown, its neighbours and the counts. Rejects when the chain can't be read; a neighbour that can't is null. */
  view(): Promise<SessionView> {
    return this.#inTurn(async () => {
      const place = this.#current === undefined ? -1 : this.#queue.indexOf(this.#current);
      const [item, next, previous, counts] = await Promise.all([
        this.#item(this.#current),
        this.#prepared(this.#neighbour(1)),
        this.#prepared(this.#neighbour(-1)),
        this.#source.counts(),
      ]);
      this.#forgetFar();
      return {
        position: place + 1,
        total: this.#queue.length,
        counts,
        item: item ?? null,
        next: next ?? null,
        previous: previous ?? null,
      };
    });
  }

  /** What is left to show where `view` rejects: the place in the queue, from which one can go on. */
  blank(): SessionView {
    const position = this.#current === undefined ? 0 : this.#queue.indexOf(this.#current) + 1;
    const counts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
    return { position, total: this.#queue.length, counts, item: null, next: null, previous: null };
  }

  /** The other samples of the chain's problem, for the comparison. */
  samples(chainId: string): Promise<{ problemId: string; samples: Sample[] } | undefined> {
    return this.#inTurn(async () => {
      const item = await this.#item(chainId);
      if (item === undefined) return undefined;
      const ids = (await this.#source.samplesOf(item.problem.id)).filter((id) => id !== chainId).slice(0, SAMPLES);
      const items = await Promise.all(ids.map((id) => this.#source.item(id)));
      return {
        problemId: item.problem.id,
        samples: items.flatMap((one) => (one === undefined ? [] : [toSample(one)])),
      };
    });
  }

  async #reverse(act: 'undo' | 'redo'): Promise<DeadEnd> {
    const [from, to] = act === 'undo' ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const done = from.at(-1) ?? (await this.#reversibleHere(act));
    if (done === undefined) return act === 'undo' ? 'There is nothing to undo.' : 'There is nothing to redo.';
    const item = await this.#item(done.chainId);
    const possible = act === 'undo' ? item?.state.undoable : item?.state.redoable;
    if (possible !== done.actId) {
      // Another window reviewed the same chain under the same name: what this sitting remembers no longer stands.
      from.pop();
      return `The last act on ${done.chainId} was made elsewhere; open the chain to ${act} there.`;
    }
    await this.#append({ act, target: done.actId, ...this.#stampFor(done.chainId) });
    if (from.at(-1) === done) from.pop();
    to.push(done);
    this.#moveTo(done.chainId);
    return undefined;
  }

  async #reversibleHere(act: 'undo' | 'redo'): Promise<Done | undefined> {
    const item = await this.#item(this.#current);
    const actId = act === 'undo' ? item?.state.undoable : item?.state.redoable;
    return item === undefined || actId === undefined ? undefined : { actId, chainId: item.chain.id };
  }

  /** Asks the fold itself, so that what is refused here is just what a later reading would pass over. */
  async #refusal(act: ReviewAct): Promise<DeadEnd> {
    if (!STANDS_ON_TEXT.has(act.act)) return undefined;
    const item = await this.#item(act.chainId);
    if (item === undefined) return 'That chain is no longer in the dataset.';
    const after = foldActs({ ...item.state, id: act.chainId }, [act]);
    if (after.undoable === act.id) return undefined;
    const what = act.act === 'edit' ? 'The edit' : 'The label';
    return `${what} does not fit the text as it stands; nothing was written.`;
  }

  async #append(act: ReviewAct): Promise<void> {
    await this.#source.append(act);
    this.#queue.keep(act.chainId);
    this.#items.delete(act.chainId);
  }

  #stampFor(chainId: string): { id: string; at: string; reviewer: string; chainId: string } {
    return { id: this.#stamp.id(), at: this.#stamp.at(), reviewer: this.#source.reviewer, chainId };
  }

  #moveTo(chainId: string | undefined): void {
    this.#current = chainId;
    const index = chainId === undefined ? -1 : this.#queue.indexOf(chainId);
    if (index >= 0) this.#index = index;
  }

  #step(direction: 1 | -1, deadEnd: string): DeadEnd {
    const to = this.#neighbour(direction);
    if (to === undefined) return deadEnd;
    this.#moveTo(to);
    return undefined;
  }

  /** A chain outside the queue stands in the gap before `#index`. */
  #neighbour(direction: 1 | -1): string | undefined {
    const inside = this.#queue.at(this.#index) === this.#current;
    return this.#queue.at(direction === -1 || inside ? this.#index + direction : this.#index);
  }

  /** The next few chains, to find the place again when the current one drops out. */
  #following(): string[] {
    const ids: string[] = [];
    for (let index = this.#index; index < this.#queue.length && ids.length < 50; index += 1) {
      const id = this.#queue.at(index);
      if (id !== undefined && id !== this.#current) ids.push(id);
    }
    return ids;
  }

  #item(chainId: string | undefined): Promise<ReviewItem | undefined> {
    if (chainId === undefined) return Promise.resolve(undefined);
    const known = this.#items.get(chainId);
    if (known !== undefined) return known;
    const item = this.#source.item(chainId);
    this.#items.set(chainId, item);
    // A read that failed is tried again the next time it is asked for.
    item.catch(() => this.#items.delete(chainId));
    return item;
  }

  /** A neighbour is only prepared: whether it can be read is told when it is gone to. */
  #prepared(chainId: string | undefined): Promise<ReviewItem | undefined> {
    return this.#item(chainId).catch(() => undefined);
  }

  #forgetFar(): void {
    const near = new Set([this.#current, this.#neighbour(1), this.#neighbour(-1)]);
    for (const id of this.#items.keys()) if (!near.has(id)) this.#items.delete(id);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

function toSample({ chain, state }: ReviewItem): Sample {
  return {
    chainId: chain.id,
    round: chain.round,
    class: chain.class,
    // Where a person has spoken, that is what the answer is taken for.
    outcome: state.override?.outcome ?? chain.verdict.outcome,
    answer: chain.verdict.extracted,
    decision: state.decision,
    tokens: chain.tokens.count,
    text: state.text.slice(0, SAMPLE_LIMIT),
  };
}
