import { z } from 'zod';
import { BatchAct, batchActOf, describeBatch } from '../../../core/review/batch.ts';
import { plural } from '../../../core/text/format.ts';
import type { BatchKind, ToChainsPage } from '../../../protocol/chains.ts';
import type { TableSession } from './table-session.ts';
import type { TableSource } from './table-source.ts';

type Plan = Extract<ToChainsPage, { type: 'plan' }>;

/** Acts that are kept for an undo. */
const KEPT = 50;

/** The id of the batch, and what was done, in a sentence. */
const Done = z.object({ batch: z.string(), text: z.string() });
type Done = z.infer<typeof Done>;
export const DoneActs = z.object({ done: z.array(Done), undone: z.array(Done) });

/** The acts of earlier pages, and how those of this one are kept. */
export interface ActHistory extends z.infer<typeof DoneActs> {
  keep(acts: z.infer<typeof DoneActs>): Promise<void>;
}

const NO_HISTORY: ActHistory = { done: [], undone: [], keep: async () => {} };

/** Acts on several chains of the table: a plan first, then one act that one undo reverses. */
export class TableActs {
  readonly #source: TableSource;
  readonly #session: TableSession;
  readonly #history: ActHistory;
  readonly #done: Done[];
  readonly #undone: Done[];
  /** The chains of the plan that was shown last. */
  #planned: ReadonlySet<string> = new Set();
  #plannedTexts: object | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(source: TableSource, session: TableSession, history = NO_HISTORY) {
    this.#source = source;
    this.#session = session;
    this.#history = history;
    this.#done = [...history.done];
    this.#undone = [...history.undone];
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** The selected chains, else the one at the cursor; never one that the query does not list. */
  targets(chainId: string | undefined): readonly string[] {
    const { selected, list } = this.#session;
    if (selected.length > 0) return selected;
    return chainId !== undefined && list.rowOf(chainId) >= 0 ? [chainId] : [];
  }

  /** What an act would do now. */
  async plan(kind: BatchKind, text: string, chainId: string | undefined): Promise<Plan> {
    const act = batchActOf(kind, text);
    const plan = await this.#source.plan(act, this.targets(chainId));
    this.#planned = new Set(plan.chains);
    this.#plannedTexts = this.#source.texts;
    const { success, error } = BatchAct.safeParse(act);
    const problem = success || text === '' ? undefined : error.issues[0]?.message;
    return {
      type: 'plan',
      kind,
      text,
      description: describeBatch(act, plan),
      count: plan.chains.length,
      ready: success,
      suggestions: [...this.#source.suggestions(kind)],
      ...(problem === undefined ? {} : { problem: `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.` }),
    };
  }

  /** Does what the shown plan says, to the chains of it that are listed and selected still. @returns what was done */
  apply(kind: BatchKind, text: string, chainId: string | undefined): Promise<string> {
    return this.#inTurn(() => this.#apply(kind, text, chainId));
  }

  async #apply(kind: BatchKind, text: string, chainId: string | undefined): Promise<string> {
    if (this.#plannedTexts !== this.#source.texts) {
      this.#planned = new Set();
      return 'Nothing was written: the file has changed since the plan was shown. Look at the chains again.';
    }
    const act = BatchAct.parse(batchActOf(kind, text));
    const plan = await this.#source.plan(
      act,
      this.targets(chainId).filter((id) => this.#planned.has(id)),
    );
    this.#planned = new Set();
    if (plan.chains.length === 0) return 'Nothing was written: the chains are no longer listed.';
    const batch = await this.#source.apply(act, plan.chains);
    const done = describeBatch(act, { ...plan, parts: [], unchanged: 0 });
    this.#done.push({ batch, text: done });
    this.#undone.length = 0;
    await this.#keep();
    return done;
  }

  /** Reverses the last act, or restores it. @returns what was done */
  reverse(how: 'undo' | 'redo'): Promise<string> {
    return this.#inTurn(() => this.#reverse(how));
  }

  async #reverse(how: 'undo' | 'redo'): Promise<string> {
    const [from, to] = how === 'undo' ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const last = from.at(-1);
    if (last === undefined) return `There is nothing to ${how}.`;
    const { changed, kept } = await this.#source.reverse(how, last.batch);
    from.pop();
    to.push(last);
    await this.#keep();
    const what = how === 'undo' ? 'Undone' : 'Redone';
    if (kept === 0) return `${what}: ${last.text}`;
    return `${what} for ${plural(changed, 'chain')}: ${last.text} ${plural(kept, 'chain was', 'chains were')} changed later and stay as they are.`;
  }

  #keep(): Promise<void> {
    return this.#history.keep({ done: this.#done.slice(-KEPT), undone: this.#undone.slice(-KEPT) });
  }

  /** One act after another: keys may be faster than the disk. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
