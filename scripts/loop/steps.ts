// What has been done of an experiment, so that it goes on where it was killed: `steps.jsonl` has a line for each step that ended, with what it
// came to. A step that was killed in its middle is done again; the verbs in it go on from their own journals.
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
  readonly #say: (text: string) => void;

  /** @throws Error for a file that is not ours. */
  constructor(folder: string, say: (text: string) => void) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'steps.jsonl');
    this.#say = say;
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : '';
    // A kill may leave a torn last line; the step behind it counts as not done.
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

  /** What the step came to: from the file where it ended in an earlier run, else from doing it now. */
  async step<T>(name: string, result: z.ZodType<T>, work: () => Promise<T>): Promise<T> {
    const before = this.#done.get(name);
    if (before) return result.parse(before.result);
    this.#say(`${name} …`);
    const started = Date.now();
    const value = result.parse(await work());
    const line = { step: name, at: new Date().toISOString(), seconds: (Date.now() - started) / 1000, result: value };
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#done.set(name, line);
    this.#say(`${name}: ${line.seconds.toFixed(1)} s`);
    return value;
  }
}
