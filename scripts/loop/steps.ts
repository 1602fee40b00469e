// The finished steps of an experiment, so that it resumes after a kill: `steps.jsonl` has a line for each finished step, with its
// result. A step that was killed is repeated; its verbs resume from their own journals.
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Line = z.object({
  step: z.string(),
  at: z.string(),
  /** Of the run that ended it. */
  seconds: z.number().nonnegative(),
  result: z.unknown(),
});

export interface StepTime {
  step: string;
  seconds: number;
}

export class Steps {
  readonly #file: string;
  readonly #done = new Map<string, z.infer<typeof Line>>();
  readonly #log: (text: string) => void;

  /** @throws Error for a file that is not ours. */
  constructor(folder: string, log: (text: string) => void) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'steps.jsonl');
    this.#log = log;
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    // A kill may leave an incomplete last line; its step counts as not finished.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(this.#file, Buffer.byteLength(whole));
    for (const line of whole.split('\n').filter(Boolean)) {
      const read = Line.parse(JSON.parse(line));
      this.#done.set(read.step, read);
    }
  }

  get times(): StepTime[] {
    return [...this.#done.values()].map(({ step, seconds }) => ({ step, seconds }));
  }

  /** The result of the step: from the file if it finished in an earlier run, else from running it now. */
  async step<T>(name: string, result: z.ZodType<T>, work: () => Promise<T>): Promise<T> {
    const before = this.#done.get(name);
    if (before) return result.parse(before.result);
    this.#log(`${name} …`);
    const started = Date.now();
    const value = result.parse(await work());
    const line = { step: name, at: new Date().toISOString(), seconds: (Date.now() - started) / 1000, result: value };
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#done.set(name, line);
    this.#log(`${name}: ${line.seconds.toFixed(1)} s`);
    return value;
  }
}
