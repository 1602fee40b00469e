import { join } from 'node:path';
import { expect } from 'vitest';
import { file, run, temporaryFolder } from '../../unit/verbs/run.ts';
import { scripted } from '../serving/place.ts';

/** In place of a training. */
export const WRITE = [
  process.execPath,
  '-e',
  "fs.mkdirSync('${out}', { recursive: true }); for (const name of ['config.json', 'model.safetensors']) fs.writeFileSync('${out}/' + name, '{}')",
];

const heldOut = (problems: number): object[] =>
  Array.from({ length: problems }, (_, n) => ({ problem: `How many are ${31 + n} and 11 together?`, answer: '42' }));

/**
 * The sample dataset, and a comparison of two of its classes with the base model. The servers are scripted: they have no model.
 * @param mode of the scripted server
 * @param problems that are held out
 */
export async function compared(mode = 'ok', problems = 2) {
  const home = await temporaryFolder();
  const env = { ...process.env, LONGHAND_CACHE: join(home, 'cache') };
  const { dataset } = await run('sample', { dataset: join(home, 'sample') });
  const programs = { program: { command: WRITE }, serving: { serverProgram: scripted(mode) } };
  const args = {
    ...{ dataset, a: 'class = FT', b: 'class = TT', control: 'none', base: true, tolerance: 1, rows: 4 },
    ...{
      problems: [await file('held-out.jsonl', heldOut(problems))],
      k: 1,
      seeds: [1],
      concurrency: 1,
      name: 'servers',
    },
    ...{ model: 'owner/name', trainer: 'custom', server: 'transformers' as const, ...programs },
  };
  const resume = { dataset, resume: '1-servers', ...programs };
  /** Starts it, and cancels it where it says so. */
  const cancelledAt = async (words: RegExp): Promise<void> => {
    const cancel = new AbortController();
    const onProgress = ({ message = '' }: { message?: string | undefined }) => {
      if (words.test(message)) cancel.abort();
    };
    const started = run('compare-selections', args, { env, onProgress, signal: cancel.signal });
    await expect(started).rejects.toThrow('was cancelled');
  };
  return { home, dataset, env, args, resume, programs, cancelledAt };
}
