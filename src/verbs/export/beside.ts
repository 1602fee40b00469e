import { defined } from '../../core/defined.ts';
import {
  type ExportedChain,
  type FileEntry,
  PROBLEMS_FILE,
  REVIEWS_FILE,
  type ReviewedText,
} from '../../core/export/index.ts';
import type { Problem } from '../../core/schemas/index.ts';
import { HashedFile } from './files.ts';

/** Whether a file of an export has no rows of its form. */
export const isBeside = (name: string): boolean => name === PROBLEMS_FILE || name === REVIEWS_FILE;

/** Lines of the files beside the rows, of one chain. */
export interface BesideLines {
  problem: { id: string; line: string };
  reviews: string[];
}

/** @param id Of the row. */
export function besideLines(
  id: string,
  problem: Problem,
  { reviews }: ReviewedText,
  { place }: Pick<ExportedChain, 'place'>,
): BesideLines {
  const lines = reviews.map(({ steps, ...review }) => {
    const placed = steps?.flatMap(({ label, implied, ...range }) =>
      place(range).map((at) => ({ ...at, label, ...defined({ implied }) })),
    );
    return JSON.stringify({ id, ...review, ...defined({ steps: placed }) });
  });
  return { problem: { id: problem.id, line: JSON.stringify(problem) }, reviews: lines };
}

/** What an export has beside its rows, so that it can be imported again: its problems as the dataset has them, and the reviews of its chains. */
export class BesideFiles {
  readonly #problems: HashedFile;
  readonly #reviews: HashedFile;
  readonly #seen = new Set<string>();

  constructor(folder: string) {
    this.#problems = new HashedFile(folder, PROBLEMS_FILE);
    this.#reviews = new HashedFile(folder, REVIEWS_FILE);
  }

  async add({ problem, reviews }: BesideLines): Promise<void> {
    for (const line of reviews) await this.#reviews.row(line);
    if (this.#seen.has(problem.id)) return;
    this.#seen.add(problem.id);
    await this.#problems.row(problem.line);
  }

  async close(): Promise<void> {
    await this.#problems.close();
    await this.#reviews.close();
  }

  get entries(): Record<string, FileEntry> {
    const written = [this.#problems, this.#reviews].filter(({ rows }) => rows > 0);
    return Object.fromEntries(written.map((file) => [file.name, file.entry]));
  }
}
