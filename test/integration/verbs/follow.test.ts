// Trainings with a custom command: the engine and the command line are the real ones, and no installation is needed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { longhand, longhandJson } from '../../fixtures/process.ts';
import { trainingDataset } from '../../unit/trainers/dataset.ts';

const progress = (line: object): string => `printf '%s\\n' '${JSON.stringify(line)}' >> "$LONGHAND_PROGRESS"`;

describe.skipIf(process.platform === 'win32')('a run that is followed', { timeout: 60_000 }, () => {
  let folder: string;
  let dataset: string;
  const train = (script: string, ...flags: string[]) =>
    longhand('train', dataset, ...own(script), '--model', 'any/model', '--anyway', ...flags);
  const own = (script: string): string[] => [
    ...['--trainer', 'custom', '--command', JSON.stringify(['sh', '-c', script])],
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-follow-'));
    dataset = await trainingDataset(join(folder, 'dataset'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('exits as failed where it fails, with the reason, and still prints its result', async () => {
    const { code, stdout, stderr } = await train('echo no room left; exit 3', '--name', 'bad', '--follow', '--json');
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as VerbResult<'train'>).report).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(stderr).toMatch(/longhand: Run bad failed\. .*no room left/);
    const again = await longhand('run', dataset, 'bad', '--follow');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('longhand: Run bad failed. ')]);
    expect((await longhand('run', dataset, 'bad')).code).toBe(0);
  });

  test('has a log that is read from an offset, with an error for an offset beyond its end', async () => {
    const log = (...flags: string[]) => longhand('run-log', dataset, 'bad', ...flags);
    expect(await log('--offset', '3')).toMatchObject({ code: 0, stdout: 'room left\n' });
    expect(await log('--offset', '13')).toMatchObject({ code: 0, stdout: '' });
    const beyond = 'longhand: The log of run bad has 13 bytes so far; --offset 99 is beyond its end.';
    expect(await log('--offset', '99')).toMatchObject({ code: 1, stderr: expect.stringContaining(beyond) });
  });

  test('succeeds where the run succeeds', async () => {
    const { code, stderr } = await train('true', '--name', 'good', '--follow', '--json');
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('longhand:')]);
  });

  test('that is stopped exits as failed too, and describes how to resume', async () => {
    await longhandJson('train', dataset, ...own('sleep 60'), '--model', 'any/model', '--anyway', '--name', 'halted');
    const followed = longhand('run', dataset, 'halted', '--follow');
    await longhand('stop-run', dataset, 'halted');
    expect(await followed).toMatchObject({ code: 1, stderr: expect.stringMatching(/was stopped .*resume-run/) });
  });

  test('and resumed reports nothing of the previous attempt as its own', async () => {
    const first = [
      progress({ event: 'begin', step: 0, total: 9 }),
      progress({ event: 'log', step: 7, loss: 0.5 }),
      'exit 1',
    ];
    await train(first.join('; '), '--name', 'twice', '--follow');
    const resume = ['resume-run', dataset, 'twice', ...own('exit 4').slice(2), '--follow', '--json'];
    const { code, stdout, stderr } = await longhand(...resume, '--progress', 'json');
    const { report } = JSON.parse(stdout) as VerbResult<'resume-run'>;
    expect(code).toBe(1);
    expect(report).toMatchObject({ state: 'failed', exitCode: 4, attempts: 2 });
    for (const number of ['step', 'loss', 'lr']) expect(report).not.toHaveProperty(number);
    expect(stderr).not.toContain('"loss"');
  });
});
