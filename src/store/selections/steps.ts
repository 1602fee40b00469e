import { join } from 'node:path';
import { z } from 'zod';
import { allLinesOf, appendLines } from '../lines/files.ts';

const FinishedStep = z.object({
  step: z.string(),
  at: z.string(),
  /** Of the run that finished it. */
  seconds: z.number().nonnegative(),
  result: z.unknown(),
});
type FinishedStep = z.infer<typeof FinishedStep>;

const FILE = 'steps.jsonl';

/** The finished steps of long work in a folder. A step that was killed has no line and is repeated; its own files show what is already done. */
export class Steps {
  readonly #file: string;
  readonly #done: Map<string, FinishedStep>;
  readonly #log: (text: string) => void;

  private constructor(file: string, done: Map<string, FinishedStep>, log: (text: string) => void) {
    this.#file = file;
    this.#done = done;
    this.#log = log;
  }

  static async open(folder: string, log: (text: string) => void): Promise<Steps> {
    const file = join(folder, FILE);
    const lines = await allLinesOf(file, FinishedStep);
    return new Steps(file, new Map(lines.map((line) => [line.step, line])), log);
  }

  get times(): Pick<FinishedStep, 'step' | 'seconds'>[] {
    return [...this.#done.values()].map(({ step, seconds }) => ({ step, seconds }));
  }

  /** Whether a step is finished. */
  has(name: string): boolean {
    return this.#done.has(name);
  }

  /** The result of a step: from the file if it is finished, else from `work`. @throws ZodError for a result of another form */
  async step<T>(name: string, result: z.ZodType<T>, work: () => Promise<T>): Promise<T> {
    const before = this.#done.get(name);
    if (before) return result.parse(before.result);
    this.#log(`${name} …`);
    const started = Date.now();
    const value = result.parse(await work());
    const line = { step: name, at: new Date().toISOString(), seconds: (Date.now() - started) / 1000, result: value };
    await appendLines(this.#file, [line], { sync: true });
    this.#done.set(name, line);
    this.#log(`${name}: ${line.seconds.toFixed(1)} s`);
    return value;
  }
}
