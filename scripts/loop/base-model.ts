// The model that the loop begins from: a tiny Llama that is pretrained here, or the starter model.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import { run } from '../lib/process.ts';
import { CORPUS, corpusRows, rowsByHeart, vocabulary } from './corpus.ts';
import type { Experiment } from './experiments.ts';
import type { Places } from './places.ts';
import { drawSets } from './splits.ts';

/** Writes rows as JSON Lines. */
export function writeRows(file: string, rows: readonly unknown[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

export interface Pretrained {
  parameters: number;
  rows: number;
}

/** Makes the corpus and the untrained model, and pretrains it; a folder that is there is whole. */
export async function pretrain(
  { tiny: shape, baseSeed, sizes, scale }: Experiment & { tiny: NonNullable<Experiment['tiny']> },
  places: Places,
  seed: number,
  python: string,
): Promise<Pretrained> {
  const { train, heldOut, heldOutFamilies } = drawSets(sizes, seed, scale, baseSeed);
  const rows = shape.byHeart
    ? [...rowsByHeart([...train, ...heldOut, ...heldOutFamilies], shape.byHeart, seed)]
    : [...corpusRows({ ...CORPUS, seed: baseSeed })];
  writeRows(places.corpus, rows);
  writeFileSync(
    places.words,
    vocabulary(rows)
      .map((word) => `${word}\n`)
      .join(''),
  );
  const env = { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1' };
  const numbers = { hidden: shape.hidden, layers: shape.layers, heads: shape.heads, context: 512, seed: baseSeed };
  const flags = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  rmSync(places.untrained, { recursive: true, force: true });
  const tiny = join(ROOT, 'test', 'fixtures', 'python', 'tiny_llama.py');
  const { stdout } = await run(python, [tiny, places.untrained, ...flags, '--words', places.words], { env });
  const { parameters } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { parameters: number };
  if (!existsSync(places.base)) {
    const script = join(ROOT, 'scripts', 'loop', 'pretrain.py');
    const seeded = ['--seed', String(baseSeed)];
    await run(python, [script, places.untrained, places.corpus, places.base, ...seeded], { env });
  }
  return { parameters, rows: rows.length };
}
