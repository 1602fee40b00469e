import type { Clause, Query } from '../../core/query/query.ts';
import type { HasText } from '../chain-index/query.ts';
import { matcherOf } from '../chain-index/text-matcher.ts';
import { searched, type Where } from '../chain-index/text-search.ts';
import type { FileOrder } from './file-order.ts';
import type { TraceReviews } from './traces-for-query.ts';
import { turns, type Work } from './work.ts';

/** Texts that are searched in one go, in UTF-16 code units. */
const BATCH = 250_000;
/** Searches whose results are kept. */
const KEPT = 8;

/** The texts of a chain that are in the file. */
export type SearchedText = Exclude<Where, 'note'>;

/** Searches the texts of the chains of a file. Results are kept, so that a later search reads only what is new. One search at a time. */
export class TraceSearch {
  readonly #order: FileOrder;
  readonly #textOf: (id: string, where: SearchedText) => Promise<string>;
  /** By clause and text, 0 for a position that was not searched, 1 for one without a match, 2 for a match. */
  readonly #hits = new Map<string, Uint8Array>();

  /** @param textOf Reads a text; an empty one where it can't be read. */
  constructor(order: FileOrder, textOf: (id: string, where: SearchedText) => Promise<string>) {
    this.#order = order;
    this.#textOf = textOf;
  }

  /** Reads what decides the clauses of a query with `~`. @param positions The chains that match all other clauses. */
  async search(query: Query, positions: Uint32Array, reviews: TraceReviews, work: Work): Promise<HasText> {
    const found = new Map<Clause, ((position: number) => boolean)[]>();
    for (const clause of query.filter(({ op }) => op === '~')) {
      const matches: ((position: number) => boolean)[] = [];
      for (const where of searched(clause)) {
        if (where === 'note') {
          matches.push(this.#searchNotes(clause, reviews));
          continue;
        }
        const hits = await this.#searchIn(where, clause, positions, work);
        matches.push((position) => hits[position] === 2);
      }
      found.set(clause, matches);
    }
    return (position, clause) => found.get(clause)?.some((matches) => matches(position)) ?? false;
  }

  /** The texts from this position on may be others. */
  forgetFrom(position: number): void {
    for (const hits of this.#hits.values()) hits.fill(0, position);
  }

  #searchNotes(clause: Clause, reviews: TraceReviews): (position: number) => boolean {
    const notes = [...reviews].flatMap(([id, { reviewers }]) =>
      [...reviewers.values()].flatMap(({ note }) => (note?.act === 'note' ? [{ id, text: note.text }] : [])),
    );
    const matches = matcherOf(clause)(notes.map(({ text }) => text));
    const found = new Set(notes.flatMap(({ id }, at) => (matches[at] ? [this.#order.indexOf(id)] : [])));
    return (position) => found.has(position);
  }

  async #searchIn(
    where: SearchedText,
    clause: Clause,
    positions: Uint32Array,
    { signal, progress }: Work,
  ): Promise<Uint8Array> {
    const hits = this.#latestHits(JSON.stringify([where, clause.values, clause.regex]));
    const matches = matcherOf(clause);
    const turn = turns(signal);
    let texts: string[] = [];
    let at: number[] = [];
    let size = 0;
    const finish = (): void => {
      for (const [i, isHit] of matches(texts).entries()) hits[at[i] ?? 0] = isHit ? 2 : 1;
      [texts, at, size] = [[], [], 0];
    };
    for (const [index, position] of positions.entries()) {
      if (hits[position] !== 0) continue;
      const text = await this.#textOf(this.#order.at(position) ?? '', where);
      texts.push(text);
      at.push(position);
      size += text.length;
      if (size >= BATCH) finish();
      if (turn.isOver()) await turn.next(() => progress('texts', index / positions.length));
    }
    finish();
    return hits;
  }

  /** The results of a search, which becomes the last one to be forgotten. */
  #latestHits(key: string): Uint8Array {
    const known = this.#hits.get(key);
    const hits = new Uint8Array(this.#order.length);
    if (known !== undefined) hits.set(known.subarray(0, hits.length));
    this.#hits.delete(key);
    this.#hits.set(key, hits);
    for (const old of this.#hits.keys()) if (this.#hits.size > KEPT) this.#hits.delete(old);
    return hits;
  }
}
