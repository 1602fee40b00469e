import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { type GradingPolicy, Outcome, type Problem } from '../../core/schemas/index.ts';
import { readWholeText } from '../../system/regular-file.ts';

/** A text with ungraded candidate answers, and what they are graded against. */
export interface UngradedText {
  text: string;
  problem: Pick<Problem, 'problem' | 'answer'>;
  policy: GradingPolicy;
}

/** Outcomes of the candidate answers of a text, by the value as written. */
type Outcomes = Readonly<Record<string, Outcome>>;
export type GradeText = (ungraded: UngradedText) => Promise<Outcomes>;

export interface Grader {
  /** @throws if a text can't be graded. */
  grade: GradeText;
  /** Whether grading may start a process: not in Restricted Mode. */
  mayGrade(): boolean;
  /** Whether an error of `grade` is an abort, after which the text is graded again. */
  isAbort(error: unknown): boolean;
  log(message: string): void;
}

/** Waiting texts. A fast reviewer has already left earlier ones. */
const MOST_WAITING = 8;

/**
 * Grades of candidate answers that are missing in the chain, since it was imported, edited, or made by an older version. Texts are graded
 * one by one, the latest first, and the grades are kept in memory.
 */
export class LateGrades {
  readonly #grader: Grader;
  readonly #arrived: () => void;
  readonly #known = new Map<string, Outcomes>();
  /** Requested values, by what they are graded against. Each is requested once, unless the grading is aborted. */
  readonly #asked = new Map<string, Set<string>>();
  readonly #waiting: UngradedText[] = [];
  #running = false;

  /** @param arrived Called when there are new grades. */
  constructor(grader: Grader, arrived: () => void) {
    this.#grader = grader;
    this.#arrived = arrived;
  }

  of({ problem, policy }: Pick<UngradedText, 'problem' | 'policy'>): Outcomes {
    return this.#known.get(keyOf({ problem, policy })) ?? {};
  }

  /** Requests the grades of a text. @param values Those without a grade. */
  ask(ungraded: UngradedText, values: readonly string[]): void {
    if (!this.#grader.mayGrade()) return;
    const key = keyOf(ungraded);
    const asked = this.#asked.get(key) ?? new Set();
    if (values.every((value) => asked.has(value))) return;
    this.#asked.set(key, new Set([...asked, ...values]));
    this.#waiting.push(ungraded);
    if (this.#waiting.length > MOST_WAITING) this.#forget(this.#waiting.shift());
    void this.#work();
  }

  /** The text is requested again when it is shown again. */
  #forget(text: UngradedText | undefined): void {
    if (text !== undefined) this.#asked.delete(keyOf(text));
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
        const found = await this.#grade(next);
        if (Object.keys(found).length === 0) continue;
        this.#known.set(keyOf(next), { ...this.of(next), ...found });
        this.#arrived();
      }
    } finally {
      this.#running = false;
    }
  }

  async #grade(text: UngradedText): Promise<Outcomes> {
    try {
      return await this.#grader.grade(text);
    } catch (error) {
      if (this.#grader.isAbort(error)) this.#forget(text);
      this.#grader.log(`Can’t grade candidate answers: ${messageOf(error)}`);
      return {};
    }
  }
}

const keyOf = ({ problem, policy }: Pick<UngradedText, 'problem' | 'policy'>): string =>
  JSON.stringify([problem.answer, policy]);

const Annotated = z.object({ candidates: z.array(z.object({ answer: z.string(), outcome: Outcome.optional() })) });

/**
 * Grades a text with the verb `annotate`, in the worker threads of its process.
 * @param annotate Runs the verb. Its errors are thrown.
 */
export async function gradeByAnnotate(
  { text, problem: { problem, answer: gold }, policy }: UngradedText,
  annotate: (args: { file: string; out: string; policy: GradingPolicy }) => Promise<unknown>,
): Promise<Outcomes> {
  const folder = await mkdtemp(join(tmpdir(), 'longhand-grades-'));
  try {
    const [file, out] = [join(folder, 'text.jsonl'), join(folder, 'graded.jsonl')];
    await writeFile(file, `${JSON.stringify({ text, problem, gold })}\n`);
    await annotate({ file, out, policy });
    const { candidates } = Annotated.parse(JSON.parse(await readWholeText(out)));
    return Object.fromEntries(candidates.flatMap(({ answer, outcome }) => (outcome ? [[answer, outcome]] : [])));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
