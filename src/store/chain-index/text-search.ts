import type { Clause, Query } from '../../core/query/query.ts';
import type { ChainEntry } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';
import type { HasText } from './query.ts';
import { FileTextMatcher, type TextMatcher, type TextPlaces } from './text-matcher.ts';
import { TextThread } from './text-thread.ts';

/** Bytes of lines that are searched between two looks at the signal. More than these are worth a thread, which takes 50 ms to start. */
const BATCH = 2_000_000;
/** Searches whose results are kept. */
const KEPT = 24;

export type Where = 'problem' | 'chain' | 'note';

/** Whether a text matches, by its stamp. */
type Found = Map<string, boolean>;

/** Another text has another stamp. */
interface Text extends TextPlaces {
  stamp: string;
}

interface SearchOptions {
  /** Whose edits and notes count. When absent, the notes of all reviewers, and no edits. */
  as?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Searches the texts of a dataset for the clauses of a query with `~`. Results are kept while a text is the same, so that a search after a
 * change reads only what is new.
 */
export class TextSearch {
  readonly #root: string;
  readonly #index: DatasetIndex;
  readonly #worker: string | undefined;
  readonly #kept = new Map<string, Found>();

  /** @param worker The script of the thread that searches many texts; without it, they are searched in this one. */
  constructor(root: string, index: DatasetIndex, worker: string | undefined) {
    this.#root = root;
    this.#index = index;
    this.#worker = worker;
  }

  /**
   * Reads what decides the text clauses of a query for these chains. A text that can't be read does not match.
   * @returns whether the text of a clause of this query is in one of these chains
   * @throws UserError `slow-pattern` when a regular expression takes too long; the reason of an aborted signal
   */
  async search(query: Query, chains: Iterable<ChainEntry>, options: SearchOptions = {}): Promise<HasText> {
    const results = new Map<Clause, [Where, Found][]>();
    for (const clause of query.filter(({ op }) => op === '~')) {
      const found: [Where, Found][] = [];
      for (const where of searched(clause)) found.push([where, await this.#searchIn(where, clause, chains, options)]);
      results.set(clause, found);
    }
    return (position, clause) => {
      const found = results.get(clause);
      if (found === undefined) throw new RangeError('this clause was not searched');
      const chain = this.#index.chainTable.at(position);
      return found.some(([where, matches]) =>
        this.#texts(where, chain, options.as).some(({ stamp }) => matches.get(stamp) ?? false),
      );
    };
  }

  /** Only finished batches enter the result, so that an aborted search leaves nothing wrong. */
  async #searchIn(
    where: Where,
    clause: Clause,
    chains: Iterable<ChainEntry>,
    { as, signal }: SearchOptions,
  ): Promise<Found> {
    const found = this.#latest(JSON.stringify([where, clause.values, clause.regex]));
    let matcher: TextMatcher | undefined;
    // A thread that is matching is ended.
    const stop = (): void => void matcher?.close();
    signal?.addEventListener('abort', stop);
    const batch = new Map<string, Text>();
    let size = 0;
    const finish = async (isLast: boolean): Promise<void> => {
      // A regular expression may need all the time that it has.
      matcher ??= isLast && clause.regex !== true ? new FileTextMatcher(this.#root, clause) : this.#matcher(clause);
      const hits = await matcher.match([...batch.values()]);
      for (const [i, stamp] of [...batch.keys()].entries()) found.set(stamp, hits[i] ?? false);
      batch.clear();
      size = 0;
    };
    try {
      for (const chain of chains) {
        for (const text of this.#texts(where, chain, as)) {
          if (found.has(text.stamp) || batch.has(text.stamp)) continue;
          signal?.throwIfAborted();
          batch.set(text.stamp, text);
          size += text.places.reduce((sum, { length }) => sum + length, 0);
          if (size >= BATCH) await finish(false);
        }
      }
      if (batch.size > 0) await finish(true);
      return found;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      await matcher?.close();
    }
  }

  #matcher(clause: Clause): TextMatcher {
    if (this.#worker === undefined) return new FileTextMatcher(this.#root, clause);
    return new TextThread(this.#worker, this.#root, clause);
  }

  /** The results of a search, which becomes the last one to be forgotten. */
  #latest(key: string): Found {
    const found = this.#kept.get(key) ?? new Map<string, boolean>();
    this.#kept.delete(key);
    this.#kept.set(key, found);
    for (const old of this.#kept.keys()) if (this.#kept.size > KEPT) this.#kept.delete(old);
    return found;
  }

  #texts(where: Where, chain: ChainEntry, as: string | undefined): Text[] {
    if (where === 'note') return this.#notes(chain, as);
    if (where === 'problem') {
      const row = this.#index.problem(chain.problemId);
      return row === undefined ? [] : [{ stamp: `${row.hash} ${row.size}`, of: 'problem', places: [row] }];
    }
    if (as === undefined || !this.#index.isEdited(chain.id, as))
      return [{ stamp: chain.hash, of: 'chain', places: [chain] }];
    const acts = this.#index.acts(chain.id).filter(({ reviewer }) => reviewer === as);
    const stamp = [chain.hash, ...acts.map(({ id }) => id)].join(' ');
    return [{ stamp, of: 'reviewed', places: [chain, ...acts] }];
  }

  #notes(chain: ChainEntry, as: string | undefined): Text[] {
    return [...this.#index.review(chain.id).reviewers].flatMap(([reviewer, { note }]) =>
      note === undefined || (as !== undefined && reviewer !== as)
        ? []
        : [{ stamp: note.id, of: 'note' as const, places: [note] }],
    );
  }
}

/** The field `text` is all three. */
export function searched({ field }: Clause): readonly Where[] {
  if (field === 'text') return ['problem', 'chain', 'note'];
  return field === 'problem' || field === 'chain' || field === 'note' ? [field] : [];
}
