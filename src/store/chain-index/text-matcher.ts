import { createContext, Script } from 'node:vm';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { type Clause, toRegExp } from '../../core/query/query.ts';
import { foldActs } from '../../core/review/index.ts';
import { Chain, Problem, ReviewAct } from '../../core/schemas/index.ts';
import { LinesAt } from '../lines/lines-at.ts';
import type { Place } from './segment.ts';

/** Texts that are matched in one go, in UTF-16 code units. */
const BATCH = 250_000;
/** For one batch, and for all of a search: a regular expression that needs longer backtracks without end. */
const BATCH_MS = 500;
const SEARCH_MS = 10_000;

/** A text of a dataset by its lines: a problem, a chain, a note, or a chain with the acts of a reviewer on it. */
export interface TextPlaces {
  of: keyof typeof TEXT_OF;
  places: readonly Place[];
}

/** Finds the texts that a clause with `~` searches for. */
export interface TextMatcher {
  /** Whether each text matches. A text that can't be read does not match. @throws UserError `slow-pattern` */
  match(texts: readonly TextPlaces[]): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

/** Reads and matches texts in this thread. @param root Of the dataset. */
export class FileTextMatcher implements TextMatcher {
  readonly #lines: LinesAt;
  readonly #matches: (texts: readonly string[]) => readonly boolean[];

  constructor(root: string, clause: Clause) {
    this.#lines = new LinesAt(root);
    this.#matches = matcherOf(clause);
  }

  async match(texts: readonly TextPlaces[]): Promise<boolean[]> {
    const hits: boolean[] = [];
    let batch: string[] = [];
    let size = 0;
    for (const { of, places } of texts) {
      const lines: unknown[] = [];
      for (const place of places) lines.push(await this.#lines.read(place).catch(() => undefined));
      const text = TEXT_OF[of](lines) ?? '';
      batch.push(text);
      size += text.length;
      if (size < BATCH) continue;
      hits.push(...this.#matches(batch));
      batch = [];
      size = 0;
    }
    hits.push(...this.#matches(batch));
    return hits;
  }

  close(): Promise<void> {
    return this.#lines.close();
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

const TEXT_OF = {
  problem: ([line]: readonly unknown[]) => ProblemText.safeParse(line).data?.problem,
  chain: ([line]: readonly unknown[]) => ChainText.safeParse(line).data?.text,
  note: ([line]: readonly unknown[]) => NoteText.safeParse(line).data?.text,
  reviewed: reviewedText,
};

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
