import { createContext, Script } from 'node:vm';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { type Clause, type Query, toRegExp } from '../../core/query/query.ts';
import { foldActs } from '../../core/review/index.ts';
import { Chain, Problem, ReviewAct } from '../../core/schemas/index.ts';
import { LinesAt } from '../lines/lines-at.ts';
import type { ChainEntry } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';
import type { HasText } from './query.ts';
import type { Place } from './segment.ts';

/** Texts that are matched in one go, in UTF-16 code units. */
const BATCH = 250_000;
/** For one batch, and for all of a search: a regular expression that needs longer backtracks without end. */
const BATCH_MS = 500;
const SEARCH_MS = 10_000;
/** Searches whose results are kept. */
const KEPT = 24;

export type Where = 'problem' | 'chain' | 'note';

/** Whether a text matches, by its stamp. */
type Found = Map<string, boolean>;

/** A text of the dataset that may consist of several lines, such as a chain and its edits. */
interface Text {
  /** Another text has another stamp. */
  stamp: string;
  places: readonly Place[];
  read: (lines: readonly unknown[]) => string | undefined;
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
  readonly #kept = new Map<string, Found>();

  constructor(root: string, index: DatasetIndex) {
    this.#root = root;
    this.#index = index;
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
    const matches = matcherOf(clause);
    const lines = new LinesAt(this.#root);
    const batch = new Map<string, string>();
    let size = 0;
    const finish = (): void => {
      const hits = matches([...batch.values()]);
      for (const [i, stamp] of [...batch.keys()].entries()) found.set(stamp, hits[i] ?? false);
      batch.clear();
      size = 0;
    };
    try {
      for (const chain of chains) {
        for (const { stamp, places, read } of this.#texts(where, chain, as)) {
          if (found.has(stamp) || batch.has(stamp)) continue;
          signal?.throwIfAborted();
          const values: unknown[] = [];
          for (const place of places) values.push(await lines.read(place).catch(() => undefined));
          const text = read(values) ?? '';
          batch.set(stamp, text);
          size += text.length;
          if (size >= BATCH) finish();
        }
      }
      finish();
      return found;
    } finally {
      await lines.close();
    }
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
      const read = ([line]: readonly unknown[]) => ProblemText.safeParse(line).data?.problem;
      return row === undefined ? [] : [{ stamp: `${row.hash} ${row.size}`, places: [row], read }];
    }
    if (as === undefined || !this.#index.isEdited(chain.id, as)) {
      const read = ([line]: readonly unknown[]) => ChainText.safeParse(line).data?.text;
      return [{ stamp: chain.hash, places: [chain], read }];
    }
    const acts = this.#index.acts(chain.id).filter(({ reviewer }) => reviewer === as);
    const stamp = [chain.hash, ...acts.map(({ id }) => id)].join(' ');
    return [{ stamp, places: [chain, ...acts], read: reviewedText }];
  }

  #notes(chain: ChainEntry, as: string | undefined): Text[] {
    return [...this.#index.review(chain.id).reviewers].flatMap(([reviewer, { note }]) =>
      note === undefined || (as !== undefined && reviewer !== as)
        ? []
        : [{ stamp: note.id, places: [note], read: ([line]) => NoteText.safeParse(line).data?.text }],
    );
  }
}

const ProblemText = Problem.pick({ problem: true });
const ChainText = Chain.pick({ text: true });
const NoteText = z.object({ act: z.literal('note'), text: z.string() });

function reviewedText([line, ...acts]: readonly unknown[]): string | undefined {
  const { data } = Chain.safeParse(line);
  return (
    data &&
    foldActs(
      data,
      acts.flatMap((act) => ReviewAct.safeParse(act).data ?? []),
    ).text
  );
}

/** The field `text` is all three. */
export function searched({ field }: Clause): readonly Where[] {
  if (field === 'text') return ['problem', 'chain', 'note'];
  return field === 'problem' || field === 'chain' || field === 'note' ? [field] : [];
}

/** Which of several texts contain one of the values. @throws UserError `slow-pattern` */
export function matcherOf({ values, regex }: Clause): (texts: readonly string[]) => readonly boolean[] {
  if (!regex) {
    const wanted = values.map((value) => value.toLowerCase());
    return (texts) => texts.map((text) => wanted.some((value) => text.toLowerCase().includes(value)));
  }
  const patterns = values.flatMap((value) => toRegExp(value) ?? []);
  let left = SEARCH_MS;
  return (texts) => {
    const start = performance.now();
    const hits = matchWithin(patterns, texts, Math.ceil(Math.min(BATCH_MS, left)), values.join(', '));
    left = Math.max(1, left - (performance.now() - start));
    return hits;
  };
}

/** Runs the patterns where V8 can interrupt them: the time that a regular expression takes may grow exponentially with the text. */
function matchWithin(patterns: readonly RegExp[], texts: readonly string[], timeout: number, shown: string): boolean[] {
  try {
    const hits: unknown = MATCH.runInContext(createContext({ patterns, texts }), { timeout });
    return z.array(z.boolean()).parse([...(hits as Iterable<unknown>)]);
  } catch (error) {
    // The error is of the context, whose Error is another one.
    if (!isTimeout(error)) throw error;
    throw new UserError(
      'slow-pattern',
      `${shown} takes too long.`,
      'Avoid repetitions inside of repetitions, such as (a+)+, or search for plain text.',
    );
  }
}

const MATCH = new Script('texts.map((text) => patterns.some((pattern) => pattern.test(text)))');

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
