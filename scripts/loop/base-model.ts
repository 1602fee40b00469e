// The model that the loop begins from: a tiny Llama that is pretrained here, or the starter model.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../lib/paths.ts';
import { run } from '../lib/process.ts';
import { CORPUS, type CorpusRow, corpusRows, rowsByHeart, vocabulary } from './corpus.ts';
import type { Experiment } from './experiments.ts';
import type { Places } from './places.ts';
import { drawSets } from './splits.ts';

/** Writes rows as JSON Lines. */
export function writeRows(file: string, rows: readonly unknown[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** The weights of a GGUF file in single precision as a folder, made once. */
export async function dequantise(file: string, folder: string, python: string): Promise<string> {
  if (existsSync(join(folder, 'config.json'))) return folder;
  const draft = `${folder}-draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const script = join(ROOT, 'media', 'python', 'dequantise_gguf.py');
  await run(python, [script, file, draft], { env: { ...process.env, HF_HUB_OFFLINE: '1' } });
  renameSync(draft, folder);
  return folder;
}

/** Each has its own rows and a new learning rate schedule. */
const PASSES = [0, 1];
const Made = z.object({ parameters: z.number().int() });

export interface Pretrained {
  parameters: number;
  rows: number;
}

/**
 * Makes the corpus and the untrained model, and pretrains it; a folder that is there is whole.
 * @param seed decides only which problems are learnt by heart.
 */
export async function pretrain(
  { tiny: shape, baseSeed, sizes, scale }: Experiment & { tiny: NonNullable<Experiment['tiny']> },
  places: Places,
  seed: number,
  python: string,
): Promise<Pretrained> {
  const corpora = shape.byHeart
    ? [byHeart({ sizes, scale, baseSeed }, seed, shape.byHeart)]
    : PASSES.map((pass) => [...corpusRows({ ...CORPUS, seed: baseSeed + pass, division: baseSeed })]);
  mkdirSync(dirname(places.words), { recursive: true });
  writeFileSync(
    places.words,
    vocabulary(corpora.flat())
      .map((word) => `${word}\n`)
      .join(''),
  );
  const env = { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1' };
  const numbers = { hidden: shape.hidden, layers: shape.layers, heads: shape.heads, context: 512, seed: baseSeed };
  const flags = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const tiny = join(ROOT, 'test', 'fixtures', 'python', 'tiny_llama.py');
  rmSync(places.untrained, { recursive: true, force: true });
  const { stdout } = await run(python, [tiny, places.untrained, ...flags, '--words', places.words], { env });
  const { parameters } = Made.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  let before = places.untrained;
  for (const [pass, rows] of corpora.entries()) {
    const after = pass === corpora.length - 1 ? places.base : `${places.base}-pass-${pass + 1}`;
    if (!existsSync(after)) {
      writeRows(places.corpus, rows);
      const script = join(ROOT, 'scripts', 'loop', 'pretrain.py');
      await run(python, [script, before, places.corpus, after, '--seed', String(baseSeed)], { env });
    }
    before = after;
  }
  return { parameters, rows: corpora.reduce((sum, rows) => sum + rows.length, 0) };
}

function byHeart(
  { sizes, scale, baseSeed }: Pick<Experiment, 'sizes' | 'scale' | 'baseSeed'>,
  seed: number,
  rows: number,
): CorpusRow[] {
  const { train, heldOut, heldOutFamilies } = drawSets(sizes, seed, scale, baseSeed);
  return [...rowsByHeart([...train, ...heldOut, ...heldOutFamilies], rows, seed)];
}
