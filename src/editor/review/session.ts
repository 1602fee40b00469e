import { defined } from '../../core/defined.ts';
import type { Clause, Query } from '../../core/query/query.ts';
import { asBatch } from '../../core/review/batch.ts';
import { foldActs } from '../../core/review/index.ts';
import { type Pace, reviewPace } from '../../core/review/pace.ts';
import type { PhaseRun } from '../../core/review/phase-runs.ts';
import type { ReviewAct } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { ActPayload, ChainDecision, Go, ReviewCounts, ReviewItem } from '../../protocol/review.ts';
import { PhaseReader } from './phases.ts';
import { type ChainOrder, nearestMatch, SessionQueue } from './queue.ts';

/** A dataset or a file for the reader, with the query of the queue. */
export interface ReviewSource {
  readonly reviewer: string;
  readonly query: Query;
  /** Removes one clause, which changes the queue. */
  removeClause(clause: Clause): void;
  /** Chain ids that match the query, in order. */
  queue(): Promise<ChainOrder>;
  /** All chain ids, in order. */
  all(): ChainOrder;
  /** Undefined if the chain no longer exists. Rejects if it can't be read. */
  item(chainId: string): Promise<ReviewItem | undefined>;
  counts(): Promise<ReviewCounts>;
  /** The acts are on disk when this resolves. Writes nothing when it rejects. */
  append(acts: readonly ReviewAct[]): Promise<void>;
  /** Chain ids of all samples of the problem, in order. */
  samplesOf(problemId: string): Promise<readonly string[]>;
  /** Files or the query changed. */
  readonly onDidChange: (listener: () => void) => { dispose(): unknown };
}

/** The content of the panel. */
export interface SessionView {
  /** From 1; 0 if the chain is not in the queue. */
  position: number;
  total: number;
  /** All chains of the dataset. */
  all: number;
  counts: ReviewCounts;
  pace?: Pace;
  item: ReviewItem | null;
  next: ReviewItem | null;
  previous: ReviewItem | null;
}

/** Makes the id and the time of an act. */
interface Stamp {
  id(): string;
  /** ISO 8601. */
  at(): string;
}

/** A message for the reviewer if an action has no effect. */
export type DeadEnd = string | undefined;

/** Acts with one undo. */
interface Step {
  acts: readonly Done[];
  /** The chain that an undo or redo returns to. */
  place: string;
}

interface Done {
  actId: string;
  chainId: string;
}

const OTHER_TEXT = 'The text has changed since it was shown. Nothing was written. Read it again first.';

/** Whether an act was made on another text than the chain has now. */
function isOtherText(item: ReviewItem | undefined, shown: string | undefined): boolean {
  return item !== undefined && shown !== undefined && item.textKey !== shown;
}

/** Acts that may not fit the text. */
const REFUSABLE: readonly ReviewAct['act'][] = ['edit', 'label', 'unlabel', 'respan', 'step', 'first-wrong-step'];

/**
 * A review session: the place in the queue, prepared chains, and acts to undo. Undo reaches all acts of the session and returns to their
 * chains. Calls run one after another, so fast keys stay in order.
 */
export class ReviewSession {
  readonly #source: ReviewSource;
  readonly #stamp: Stamp;
  readonly #queue = new SessionQueue();
  readonly #items = new Map<string, Promise<ReviewItem | undefined>>();
  readonly #phases = new PhaseReader();
  readonly #done: Step[] = [];
  readonly #undone: Step[] = [];
  /** Times of the decisions, in milliseconds. */
  readonly #decidedAt: number[] = [];
  #current: string | undefined;
  /** Index of the current chain in the queue, or where it would be. */
  #index = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(source: ReviewSource, stamp: Stamp) {
    this.#source = source;
    this.#stamp = stamp;
  }

  get chainId(): string | undefined {
    return this.#current;
  }

  /** Starts at `chainId`, or at the first chain of the queue. Earlier acts can still be undone. */
  open(chainId?: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#items.clear();
      this.#queue.reset(await this.#source.queue());
      this.#moveTo(chainId ?? this.#queue.at(0));
    });
  }

  /** After a change of the filters: shows the same chain if it matches, otherwise the nearest match. */
  refilter(): Promise<void> {
    return this.#inTurn(async () => {
      this.#items.clear();
      this.#queue.reset(await this.#source.queue());
      const matches = (id: string): boolean => this.#queue.indexOf(id) >= 0;
      const place = this.#current === undefined ? undefined : nearestMatch(this.#current, this.#source.all(), matches);
      this.#moveTo(place ?? this.#queue.at(0));
    });
  }

  /** After a change of files: reads the shown and prepared chains again. */
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
   * Records an act and, after a decision, moves to the next chain. Refuses an edit or label that does not fit the text, and an act on another text. Rejects with the
   * source's error if the act can't be written, and then changes nothing.
   */
  act(chainId: string, payload: ActPayload, textKey?: string): Promise<DeadEnd> {
    return this.#inTurn(async () => {
      if (await this.#hasOtherText(chainId, textKey)) return OTHER_TEXT;
      const act: ReviewAct = { ...payload, ...this.#stampFor(chainId) };
      if (chainId !== this.#current) this.#moveTo(chainId);
      const refusal = await this.#refusal(act);
      if (refusal !== undefined) return refusal;
      await this.#append([act]);
      this.#did({ acts: [{ actId: act.id, chainId }], place: chainId });
      const decided = act.act === 'accept' || act.act === 'reject' || act.act === 'skip';
      if (!decided) return undefined;
      this.#decidedAt.push(Date.parse(act.at));
      return this.#afterDecision();
    });
  }

  /** Decides on several chains in one step, with one undo, and stays at the shown chain. Rejects as `act` does. */
  decide(decisions: readonly ChainDecision[]): Promise<DeadEnd> {
    return this.#inTurn(async () => {
      const items = await Promise.all(decisions.map(({ chainId }) => this.#source.item(chainId)));
      if (items.some((item, at) => isOtherText(item, decisions[at]?.textKey))) return OTHER_TEXT;
      if (items.includes(undefined)) return 'One of these chains is no longer in the dataset. Nothing was written.';
      const acts = decisions.map(({ chainId, act }): ReviewAct => ({ ...act, ...this.#stampFor(chainId) }));
      await this.#append(acts);
      const [first] = acts;
      if (first !== undefined) this.#decidedAt.push(Date.parse(first.at));
      const place = this.#current ?? decisions[0]?.chainId;
      if (place !== undefined) this.#did({ acts: acts.map(({ id, chainId }) => ({ actId: id, chainId })), place });
      return undefined;
    });
  }

  /** Undoes the last step of the session; before the first one, the last act on the shown chain. */
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

  /** The shown chain, its neighbours and the counts. Rejects if the chain can't be read; an unreadable neighbour is null. */
  view(): Promise<SessionView> {
    return this.#inTurn(async () => {
      // A row of a file shows only when it is read how many chains it has, so its neighbours are found after it.
      const item = await this.#item(this.#current);
      const [next, previous, counts] = await Promise.all([
        this.#prepared(1),
        this.#prepared(-1),
        this.#source.counts(),
      ]);
      this.#forgetFar();
      return {
        position: this.#current === undefined ? 0 : this.#queue.indexOf(this.#current) + 1,
        total: this.#queue.length,
        all: this.#source.all().length,
        counts,
        ...defined({ pace: reviewPace(this.#decidedAt, counts.pending) }),
        item: item ?? null,
        next: next ?? null,
        previous: previous ?? null,
      };
    });
  }

  /** The view without chains, for when `view` rejects. */
  async blank(): Promise<SessionView> {
    const position = this.#current === undefined ? 0 : this.#queue.indexOf(this.#current) + 1;
    const counts = await this.#source.counts();
    const all = this.#source.all().length;
    return { position, total: this.#queue.length, all, counts, item: null, next: null, previous: null };
  }

  /**
   * These samples of the first one's problem, filled up to `columns` with the ones that follow, and the ids of all samples. Undefined if the
   * first no longer exists.
   */
  compared(chainIds: readonly string[], columns: number): Promise<{ ids: string[]; items: ReviewItem[] } | undefined> {
    return this.#inTurn(async () => {
      const first = chainIds[0] === undefined ? undefined : await this.#source.item(chainIds[0]);
      if (first === undefined) return undefined;
      const ids = [...(await this.#source.samplesOf(first.problem.id))];
      const given = chainIds.filter((id) => ids.includes(id));
      const last = ids.indexOf(given.at(-1) ?? '');
      const following = [...ids.slice(last + 1), ...ids.slice(0, last + 1)].filter((id) => !given.includes(id));
      const shown = await Promise.all([...given, ...following].slice(0, columns).map((id) => this.#source.item(id)));
      return { ids, items: shown.filter((item) => item !== undefined) };
    });
  }

  /** The phases of the chain's reviewed text; undefined if the chain no longer exists. */
  phases(chainId: string): Promise<PhaseRun[] | undefined> {
    return this.#inTurn(async () => {
      const item = await this.#item(chainId);
      return item === undefined ? undefined : this.#phases.of(item);
    });
  }

  async #hasOtherText(chainId: string, textKey: string | undefined): Promise<boolean> {
    return textKey !== undefined && isOtherText(await this.#source.item(chainId), textKey);
  }

  #did(step: Step): void {
    this.#done.push(step);
    this.#undone.length = 0;
  }

  async #reverse(act: 'undo' | 'redo'): Promise<DeadEnd> {
    const [from, to] = act === 'undo' ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const step = from.at(-1) ?? (await this.#reversibleHere(act));
    if (step === undefined) return act === 'undo' ? 'There is nothing to undo.' : 'There is nothing to redo.';
    const elsewhere = await this.#changedElsewhere(step, act);
    if (elsewhere !== undefined) {
      // Another window reviewed the same chain with the same name.
      from.pop();
      return `The last act on ${elsewhere} was made elsewhere. Open that chain to ${act} it.`;
    }
    await this.#append(
      step.acts.map(({ actId, chainId }): ReviewAct => ({ act, target: actId, ...this.#stampFor(chainId) })),
    );
    if (from.at(-1) === step) from.pop();
    to.push(step);
    this.#moveTo(step.place);
    return undefined;
  }

  /** A chain of the step whose last act is another one, if any. */
  async #changedElsewhere({ acts }: Step, act: 'undo' | 'redo'): Promise<string | undefined> {
    for (const { actId, chainId } of acts) {
      const item = await this.#item(chainId);
      const possible = act === 'undo' ? item?.state.undoable : item?.state.redoable;
      if (possible !== actId) return chainId;
    }
    return undefined;
  }

  async #reversibleHere(act: 'undo' | 'redo'): Promise<Step | undefined> {
    const item = await this.#item(this.#current);
    const actId = act === 'undo' ? item?.state.undoable : item?.state.redoable;
    if (item === undefined || actId === undefined) return undefined;
    const { id } = item.chain;
    return { acts: [{ actId, chainId: id }], place: id };
  }

  /** Uses the fold itself, which ignores the same acts on a later read. */
  async #refusal(act: ReviewAct): Promise<DeadEnd> {
    if (!REFUSABLE.includes(act.act)) return undefined;
    const item = await this.#item(act.chainId);
    if (item === undefined) return 'That chain is no longer in the dataset.';
    const after = foldActs({ ...item.state, id: act.chainId }, [act]);
    if (after.undoable === act.id) return undefined;
    const what = act.act === 'edit' ? 'The edit' : 'The label';
    return `${what} does not fit the current text. Nothing was written.`;
  }

  /** Several acts are a batch: if not all of them are written, none counts. */
  async #append(acts: readonly ReviewAct[]): Promise<void> {
    await this.#source.append(acts.length < 2 ? acts : asBatch(acts, this.#stamp.id()));
    for (const { chainId } of acts) {
      this.#queue.keep(chainId);
      this.#items.delete(chainId);
    }
  }

  #stampFor(chainId: string): { id: string; at: string; reviewer: string; chainId: string } {
    return { id: this.#stamp.id(), at: this.#stamp.at(), reviewer: this.#source.reviewer, chainId };
  }

  #moveTo(chainId: string | undefined): void {
    this.#current = chainId;
    const index = chainId === undefined ? -1 : this.#queue.indexOf(chainId);
    if (index >= 0) this.#index = index;
  }

  async #afterDecision(): Promise<DeadEnd> {
    const end = this.#step(1, 'That was the last chain of the queue.');
    const { pending } = end === undefined ? { pending: 0 } : await this.#source.counts();
    if (pending === 0) return end;
    return `${end} ${plural(pending, 'chain before it is', 'chains before it are')} still pending.`;
  }

  #step(direction: 1 | -1, deadEnd: string): DeadEnd {
    const to = this.#neighbour(direction);
    if (to === undefined) return deadEnd;
    this.#moveTo(to);
    return undefined;
  }

  /** A chain outside the queue is between `#index - 1` and `#index`. */
  #neighbour(direction: 1 | -1): string | undefined {
    this.#moveTo(this.#current);
    const inside = this.#queue.at(this.#index) === this.#current;
    return this.#queue.at(direction === -1 || inside ? this.#index + direction : this.#index);
  }

  /** The next chains, to find the place again if the current one is filtered out. */
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
    // A failed read is retried on the next request.
    item.catch(() => this.#items.delete(chainId));
    return item;
  }

  /** A neighbour; undefined if it can't be read. The error is shown when it becomes the current chain. */
  async #prepared(direction: 1 | -1): Promise<ReviewItem | undefined> {
    const chainId = this.#neighbour(direction);
    const item = await this.#item(chainId).catch(() => undefined);
    // Reading a row may show that it has more chains.
    const now = this.#neighbour(direction);
    return now === chainId ? item : this.#item(now).catch(() => undefined);
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
