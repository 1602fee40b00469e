// What `train` says before anything runs. A command of one's own stands for the trainer: nothing need be installed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerbResult } from '../../../src/protocol/verbs.ts';
import { commandOf } from '../../../src/verbs/command-of.ts';
import { checkArgs, readCommandLine } from '../../../src/verbs/flags.ts';
import { trainingDataset } from '../trainers/dataset.ts';
import { newDataset, run } from './run.ts';

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

  test('warns of another one that runs on this machine, also of another dataset, and says when its name is taken', async () => {
    const alone = await train(dataset, ['sleep', '60'], { plan: true });
    expect([found(alone, 'engine'), found(alone, 'name')]).toEqual([[], []]);
    await train(dataset, ['sleep', '60']);
    const second = await train(dataset, ['true'], { plan: true });
    expect(second.plan.run).toBe('mine-2');
    expect(found(second, 'name')).toEqual(['warning: There is a run mine already: this one is called mine-2.']);
    expect(found(second, 'engine')).toEqual([expect.stringContaining('The training mine runs on this machine')]);
    expect(second.plan.ready).toBe(true);
    const elsewhere = await train(other, ['true'], { plan: true });
    expect(found(elsewhere, 'engine')).toEqual([expect.stringContaining(`mine (of the dataset ${dataset})`)]);
    await run('stop-run', { dataset, run: 'mine' });
    expect(found(await train(other, ['true'], { plan: true }), 'engine')).toEqual([]);
  });

  test('that is planned ends with the command that starts it', async () => {
    const { next } = await train(other, ['sh', '-c', 'exit 0'], { plan: true, settings: { maxLength: 40, epochs: 2 } });
    expect(next).toBe(
      `longhand train ${other} --trainer custom --model any/model --max-length 40 --command '["sh","-c","exit 0"]' --name mine`,
    );
  });
});

test.each([undefined, 'starter', './weights', '/models/tiny', 'tiny.gguf'])(
  'a host is not asked to train a model of this machine: %s',
  async (model) => {
    const dataset = await newDataset();
    const asked = run('train', { dataset, trainer: 'together', plan: true, ...(model === undefined ? {} : { model }) });
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
])('a command line is written as it would be read: %s', (...words) => {
  const { verb = 'train', given } = readCommandLine(words);
  const args = checkArgs(verb, given);
  const again = commandOf(verb, args);
  const read = readCommandLine(shellWords(again).slice(1));
  expect(checkArgs(verb, read.given)).toEqual(args);
});

/** Words of a shell, of which some are quoted with '. */
function shellWords(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
