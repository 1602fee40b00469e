import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { run } from '../../../scripts/lib/process.ts';
import { pythonEnvironment } from '../../../scripts/lib/python.ts';
import { randomSource } from '../../../src/core/maths/random.ts';
import { longhand } from '../runner/round.ts';
import type { Family } from './planted.ts';

export interface TinyOptions {
  family: Family;
  /** Of each solution. */
  steps: number;
  /** Of a pass. */
  rows: number;
  passes: number;
  /** Chance of an error at each step before the first one: the writer of the rows is hasty, so the model is too. */
  slips: number;
  /** Requests at once. */
  concurrency: number;
}

/** Of the flags of a bench. */
export function tinyOptions(
  flags: Readonly<Record<'rows' | 'passes' | 'slips' | 'concurrency', string>>,
): Omit<TinyOptions, 'family' | 'steps'> {
  const { rows, passes, slips, concurrency } = flags;
  return {
    ...{ rows: Number(rows), passes: Number(passes), slips: Number(slips) },
    concurrency: Number(concurrency),
  };
}

/** A solution, and from its first error on, one that follows from the error. */
function written({ family, steps, slips }: TinyOptions, random: () => number): { prompt: string; completion: string } {
  let wrong = 0;
  while (wrong < steps && random() >= slips) wrong++;
  const { problem, steps: texts } = family(steps, wrong < steps ? wrong : -1, random);
  return { prompt: problem, completion: texts.join('\n\n') };
}

/** Trains a tiny Llama on solutions, once in a folder. Each pass has its own rows and a new schedule of the learning rate. */
async function trained(folder: string, options: TinyOptions, python: string): Promise<string> {
  const corpora = Array.from({ length: options.passes }, (_, pass) => {
    const random = randomSource(11 + pass);
    return Array.from({ length: options.rows }, () => written(options, random));
  });
  const [corpus, words] = [join(folder, 'corpus.jsonl'), join(folder, 'words.txt')];
  const text = corpora.flat().map(({ prompt, completion }) => `${prompt}\n${completion}`);
  const found = new Set([...text.join('\n').matchAll(/ ?[A-Za-z]+| [-+=]|\\boxed| ?\d+/g)].map(([word]) => word));
  await writeFile(words, [...found].sort().join('\n'));
  const env = { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1' };
  const shape = ['--hidden', '64', '--layers', '2', '--heads', '2', '--context', '512', '--seed', '7'];
  const script = join(ROOT, 'test', 'fixtures', 'python', 'tiny_llama.py');
  const pretrain = join(ROOT, 'scripts', 'loop', 'pretrain.py');
  let before = join(folder, 'untrained');
  if (!existsSync(before)) await run(python, [script, before, ...shape, '--words', words], { env });
  for (const [pass, rows] of corpora.entries()) {
    const after = join(folder, `tiny-${pass + 1}`);
    await writeFile(corpus, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    if (!existsSync(after))
      await run(python, [pretrain, before, corpus, after, '--seed', '7', '--batch', '16'], { env });
    before = after;
  }
  return before;
}

/** Serves the tiny Llama as the base model of a dataset. @returns how the server is stopped */
export async function serveTiny(
  dataset: string,
  folder: string,
  options: TinyOptions,
): Promise<() => Promise<unknown>> {
  const made = await pythonEnvironment('trainer');
  if (typeof made === 'string') throw new Error(`Training needs Python packages: ${made}.`);
  const { python } = made;
  const base = await trained(folder, options, python);
  const served = (await longhand('serve', {
    ...{ dataset, what: base, role: 'base', server: 'starter', type: 'f32', python, port: 47_310, replace: true },
    args: ['--sequences', String(options.concurrency)],
  })) as { serving?: { run: string } };
  return () => longhand('stop-run', { dataset, run: served.serving?.run });
}
