// The output of `train` before anything runs. A custom command replaces the trainer, so that no installation is needed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import { checkArgs, readCommandLine } from '../../../src/verbs/command-line.ts';
import { commandOf } from '../../../src/verbs/flags.ts';
import { VERBS, type VerbResult } from '../../../src/verbs/index.ts';
import { trainingDataset } from '../../unit/trainers/dataset.ts';
import { newDataset, run } from '../../unit/verbs/run.ts';

describe.skipIf(process.platform === 'win32')('a training', { timeout: 60_000 }, () => {
  let folder: string;
  let dataset: string;
  let other: string;
  const train = (in_: string, command: string[], more: object = {}): Promise<VerbResult<'train'>> =>
    run(
      'train',
      { dataset: in_, trainer: 'custom', model: 'any/model', name: 'mine', program: { command }, ...more },
      { env: { ...process.env, LONGHAND_CACHE: join(folder, 'cache') } },
    );
  const found = ({ plan }: VerbResult<'train'>, id: string) =>
    plan.checks.filter((one) => one.id === id).map(({ state, message }) => `${state}: ${message}`);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-train-'));
    dataset = await trainingDataset(join(folder, 'dataset'));
    other = await trainingDataset(join(folder, 'other'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('warns of a running training on this machine, also of another dataset, and of a name in use', async () => {
    const alone = await train(dataset, ['sleep', '60'], { plan: true });
    expect([found(alone, 'engine'), found(alone, 'name')]).toEqual([[], []]);
    await train(dataset, ['sleep', '60']);
    const second = await train(dataset, ['true'], { plan: true });
    expect(second.plan.run).toBe('mine-2');
    expect(found(second, 'name')).toEqual(['warning: Run mine already exists. This run is named mine-2.']);
    expect(found(second, 'engine')).toEqual([expect.stringContaining('Training mine is running on this machine')]);
    expect(second.plan.ready).toBe(true);
    const elsewhere = await train(other, ['true'], { plan: true });
    expect(found(elsewhere, 'engine')).toEqual([expect.stringContaining(`mine (of the dataset ${dataset})`)]);
    await run('stop-run', { dataset, run: 'mine' });
    expect(found(await train(other, ['true'], { plan: true }), 'engine')).toEqual([]);
  });

  test('that is planned prints the command that starts it', async () => {
    const { next } = await train(other, ['sh', '-c', 'exit 0'], { plan: true, settings: { maxLength: 40, epochs: 2 } });
    expect(next).toBe(
      `longhand train ${other} --trainer custom --model any/model --max-length 40 --command '["sh","-c","exit 0"]' --name mine`,
    );
  });
});

test.each([undefined, 'starter', './weights', '/models/tiny', 'tiny.gguf'])(
  'a hosted training of a local model is refused: %s',
  async (model) => {
    const dataset = await newDataset();
    const asked = run('train', { dataset, trainer: 'together', plan: true, ...defined({ model }) });
    await expect(asked).rejects.toMatchObject({ advice: 'Give the name that the model has at Together with --model.' });
  },
);

test.each([
  [
    'train',
    'd',
    '--epochs',
    '2',
    '--lora',
    '8',
    '--prefix',
    'uv run',
    '--address',
    'http://127.0.0.1:8265',
    '--follow',
  ],
  ['serve', 'd', 'run', '--args=--max-model-len,8192', '--port', '80'],
])('a printed command line is parsed to the same arguments: %s', (...words) => {
  const { verb = 'train', given } = readCommandLine(words);
  const args = checkArgs(verb, given);
  const again = commandOf(verb, VERBS[verb].args, args as never);
  const read = readCommandLine(shellWords(again).slice(1));
  expect(checkArgs(verb, read.given)).toEqual(args);
});

/** The words of a shell command, of which some are quoted with '. */
function shellWords(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
