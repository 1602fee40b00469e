import { defined } from '../../core/defined.ts';
import type { Reversible } from '../../core/review/batch.ts';
import { type StepChange, stepChange } from '../../core/review/steps.ts';
import type { FileMapping, ReviewAct } from '../../core/schemas/index.ts';
import type { ReviewCounts } from '../../protocol/review.ts';
import { type ChainReview, foldReview } from '../decisions.ts';
import { type SideFile, tracePlace } from '../side-file.ts';
import { rowOfPlace } from './file-order.ts';
import type { TraceReviews } from './traces-for-query.ts';

const PENDING: ChainReview<ReviewAct> = { decision: 'pending', reviewers: new Map() };

/** What reviewers did to the chains of a file. Acts on a text that the file no longer has are kept, and don't count. */
export class FileReviews {
  readonly #side: SideFile;
  /** Of the keys that were compared with the file, whether it has the text. */
  readonly #isPresent = new Map<string, boolean>();
  #reviews: TraceReviews | undefined;

  constructor(side: SideFile) {
    this.#side = side;
  }

  get columns(): FileMapping | undefined {
    return this.#side.columns;
  }

  async setColumns(columns: FileMapping, reviewer: string): Promise<void> {
    await this.#side.setColumns(columns, reviewer, new Date().toISOString());
  }

  /** As SideFile. */
  async refresh(): Promise<boolean> {
    const isNew = await this.#side.refresh();
    if (isNew) this.#reviews = undefined;
    return isNew;
  }

  /** The acts on a text. @param key As `sideKey`. */
  acts(key: string): readonly ReviewAct[] {
    return this.#side.acts(key);
  }

  /** Reviews of the present texts by place; another object after each change. */
  get all(): TraceReviews {
    this.#reviews ??= new Map(
      this.#side.keys.flatMap((key) =>
        this.#isPresent.get(key) ? [[tracePlace(key), foldReview(this.#side.acts(key).map(withSteps))] as const] : [],
      ),
    );
    return this.#reviews;
  }

  of(place: string): ChainReview<ReviewAct> {
    return this.all.get(place) ?? PENDING;
  }

  /** The decisions of a reviewer; `pending` is left to the caller. */
  counts(reviewer: string): ReviewCounts {
    const counts: ReviewCounts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
    for (const { reviewers } of this.all.values()) counts[reviewers.get(reviewer)?.decision ?? 'pending']++;
    return counts;
  }

  /** @param acts On keys of texts that the file has. */
  async append(acts: readonly ReviewAct[]): Promise<void> {
    await this.#side.append(acts);
    for (const { chainId } of acts) this.#isPresent.set(chainId, true);
    this.#reviews = undefined;
  }

  /** The acts of a reviewer's batch on present texts, and what an undo or redo of their chains would reverse. */
  batch(id: string, reviewer: string, how: 'undo' | 'redo'): Reversible[] {
    return this.#side.keys.flatMap((key) =>
      this.#side.acts(key).flatMap((act) => {
        if (act.batch?.id !== id || act.reviewer !== reviewer) return [];
        const review = this.of(tracePlace(key)).reviewers.get(reviewer);
        const next = this.#isPresent.get(key) ? review?.[how === 'undo' ? 'undoable' : 'redoable'] : undefined;
        return [{ chainId: key, id: act.id, next }];
      }),
    );
  }

  /** Places of which it is unknown whether the file still has the reviewed text. @param rows Rows found so far. */
  unchecked(rows: number): string[] {
    const isFound = (key: string): boolean => (rowOfPlace(tracePlace(key))?.row ?? rows) < rows;
    const keys = this.#side.keys.filter((key) => !this.#isPresent.has(key) && isFound(key));
    return [...new Set(keys.map(tracePlace))];
  }

  /** @param present The keys of the texts at these places; undefined where there is none. */
  checked(places: readonly string[], present: readonly (string | undefined)[]): void {
    const keys = new Map(places.map((place, at) => [place, present[at]]));
    for (const key of this.#side.keys) {
      const place = tracePlace(key);
      if (keys.has(place)) this.#isPresent.set(key, keys.get(place) === key);
    }
    this.#reviews = undefined;
  }

  /** The texts from this row on may be others. */
  forget(from = 0): void {
    for (const key of this.#isPresent.keys())
      if ((rowOfPlace(tracePlace(key))?.row ?? from) >= from) this.#isPresent.delete(key);
    this.#reviews = undefined;
  }
}

/** With what it changes of the labels of steps, as the index of a dataset stores an act. */
function withSteps(act: ReviewAct): ReviewAct & { steps?: StepChange } {
  return { ...act, ...defined({ steps: stepChange(act) }) };
}
