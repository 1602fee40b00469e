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
const BATCH = 1_000_000;
/** For one batch; a regular expression that needs longer backtracks without end. */
const LIMIT_MS = 2000;
/** Searches whose results are kept. */
const KEPT = 8;

type Where = 'problem' | 'chain' | 'note';

/** A text of the dataset that may consist of several lines, such as a chain and its edits. */
interface Text {
  /** Another text has another stamp. */
  stamp: string;
  places: readonly Place[];
  read: (lines: readonly unknown[]) => string;
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
  /** Whether a text matches, by search and by stamp. */
  readonly #found = new Map<string, Map<string, boolean>>();

  constructor(root: string, index: DatasetIndex) {
    this.#root = root;
    this.#index = index;
  }

  /**
   * Reads what decides the text clauses of a query for these chains. A text that can't be read does not match.
   * @throws UserError `slow-pattern` when a regular expression takes too long; the reason of an aborted signal
   */
  async search(query: Query, chains: readonly ChainEntry[], options: SearchOptions = {}): Promise<HasText> {
    const clauses = query.filter(({ op }) => op === '~');
    for (const clause of clauses)
      for (const where of searched(clause)) await this.#searchIn(where, clause, chains, options);
    return (chain, clause) =>
      searched(clause).some((where) => {
        const found = this.#found.get(keyOf(where, clause));
        return this.#texts(where, chain, options.as).some(({ stamp }) => found?.get(stamp) ?? false);
      });
  }

  async #searchIn(
    where: Where,
    clause: Clause,
    chains: readonly ChainEntry[],
    { as, signal }: SearchOptions,
  ): Promise<void> {
    const found = this.#latest(keyOf(where, clause));
    const isMatch = matcherOf(clause);
    const lines = new LinesAt(this.#root);
    let batch: { stamp: string; text: string }[] = [];
    let size = 0;
    const finish = (): void => {
      const hits = isMatch(batch.map(({ text }) => text));
      for (const [i, { stamp }] of batch.entries()) found.set(stamp, hits[i] ?? false);
      batch = [];
      size = 0;
    };
    try {
      for (const chain of chains) {
        for (const { stamp, places, read } of this.#texts(where, chain, as)) {
          if (found.has(stamp)) continue;
          found.set(stamp, false);
          signal?.throwIfAborted();
          const values: unknown[] = [];
          for (const place of places) values.push(await lines.read(place).catch(() => undefined));
          const text = read(values);
          batch.push({ stamp, text });
          size += text.length;
          if (size >= BATCH) finish();
        }
      }
      finish();
    } catch (error) {
      // Texts of the unfinished batch are searched again.
      for (const { stamp } of batch) found.delete(stamp);
      throw error;
    } finally {
      await lines.close();
    }
  }

  /** The results of a search, which becomes the last one to be forgotten. */
  #latest(key: string): Map<string, boolean> {
    const found = this.#found.get(key) ?? new Map<string, boolean>();
    this.#found.delete(key);
    this.#found.set(key, found);
    for (const old of this.#found.keys()) if (this.#found.size > KEPT) this.#found.delete(old);
    return found;
  }

  #texts(where: Where, chain: ChainEntry, as: string | undefined): Text[] {
    if (where === 'note') return this.#notes(chain, as);
    if (where === 'problem') {
      const row = this.#index.problem(chain.problemId);
      return row === undefined ? [] : [textOf([row], ([line]) => ProblemText.safeParse(line).data?.problem)];
    }
    if (as === undefined || !this.#index.isEdited(chain.id, as))
      return [textOf([chain], ([line]) => ChainText.safeParse(line).data?.text)];
    const acts = this.#index.acts(chain.id).filter(({ reviewer }) => reviewer === as);
    return [textOf([chain, ...acts], reviewedText)];
  }

  #notes(chain: ChainEntry, as: string | undefined): Text[] {
    return [...this.#index.review(chain.id).reviewers].flatMap(([reviewer, { note }]) =>
      note === undefined || (as !== undefined && reviewer !== as)
        ? []
        : [textOf([note], ([line]) => NoteText.safeParse(line).data?.text)],
    );
  }
}

const ProblemText = Problem.pick({ problem: true });
const ChainText = Chain.pick({ text: true });
const NoteText = z.object({ act: z.literal('note'), text: z.string() });

function textOf(places: readonly Place[], read: (lines: readonly unknown[]) => string | undefined): Text {
  const stamp = places.map(({ file, offset, length }) => `${file}:${offset}:${length}`).join(' ');
  return { stamp, places, read: (lines) => read(lines) ?? '' };
}

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
function searched({ field }: Clause): readonly Where[] {
  if (field === 'text') return ['problem', 'chain', 'note'];
  return field === 'problem' || field === 'chain' || field === 'note' ? [field] : [];
}

function keyOf(where: Where, { values, regex }: Clause): string {
  return JSON.stringify([where, values, regex]);
}

/** Which texts contain one of the values. @throws UserError `slow-pattern` */
function matcherOf({ values, regex }: Clause): (texts: readonly string[]) => readonly boolean[] {
  if (!regex) {
    const wanted = values.map((value) => value.toLowerCase());
    return (texts) => texts.map((text) => wanted.some((value) => text.toLowerCase().includes(value)));
  }
  const patterns = values.flatMap((value) => toRegExp(value) ?? []);
  return (texts) => matchWithin(patterns, texts, values.join(', '));
}

/** Runs the patterns where V8 can interrupt them: the time that a regular expression takes may grow exponentially with the text. */
function matchWithin(patterns: readonly RegExp[], texts: readonly string[], shown: string): boolean[] {
  try {
    const hits: unknown = MATCH.runInContext(createContext({ patterns, texts }), { timeout: LIMIT_MS });
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
