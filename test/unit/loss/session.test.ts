import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunRecord } from '../../../src/core/model/index.ts';
import { LossSession, type LossSource } from '../../../src/editor/loss/session.ts';
import { RunReport } from '../../../src/protocol/training.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const log = (step: number, loss: number) => `${JSON.stringify({ event: 'log', step, loss })}\n`;

/** A dataset with runs of which only the progress is on the disk. */
async function dataset(...runs: string[]) {
  const folder = await temporaryFolder();
  const states = new Map<string, RunReport['state']>();
  const asked: string[] = [];
  const answer = { log: ['last words'], progress: [] as { event: 'log'; step: number; loss: number }[] };
  const kept: number[] = [];
  for (const run of runs) {
    await mkdir(join(folder, 'runs', run), { recursive: true });
    states.set(run, 'running');
  }
  const source: LossSource = {
    ...{ dataset: 'set', folder, trusted: () => true },
    reports: () =>
      [...states].map(([run, state]) =>
        RunReport.parse({
          ...{ run, folder: join(folder, 'runs', run), kind: 'train', createdAt: '', engine: { engine: 'local' } },
          ...{ state, attempts: 0, checkpoints: [] },
        }),
      ),
    read: async (id) => {
      if (!states.has(id)) throw new Error(`no ${id}`);
      const record = {
        version: 1,
        id,
        kind: 'train',
        createdAt: '',
        engine: { engine: 'local' },
        command: ['x'],
        resources: {},
      };
      return { record: RunRecord.parse(record), attempts: [] };
    },
    kept: async () => kept,
    ask: async (run) => {
      asked.push(run);
      return answer;
    },
  };
  return {
    source,
    states,
    asked,
    answer,
    kept,
    say: (run: string, text: string) => appendFile(join(folder, 'runs', run, 'progress.jsonl'), text),
  };
}

describe('what the page of the loss shows', () => {
  test('follows the progress of its run, and tells when there is nothing new', async () => {
    const { source, say } = await dataset('1-a');
    await say('1-a', log(1, 3));
    const session = new LossSession(source, '1-a');
    expect(session.view()).toBeUndefined();
    expect(await session.look()).toBe(true);
    expect(await session.look()).toBe(false);
    await say('1-a', log(2, 2));
    expect(await session.look()).toBe(true);
    expect(session.view()?.run.curve.points.map(({ loss }) => loss)).toEqual([3, 2]);
  });

  test('lays other runs over it, and leaves out one that is gone', async () => {
    const { source, say, states } = await dataset('1-a', '2-b', '3-c');
    await say('2-b', log(1, 5));
    const session = new LossSession(source, '1-a', ['2-b', '2-b', '1-a', 'gone']);
    await session.look();
    expect(session.view()?.choices).toEqual(['2-b']);
    await say('3-c', log(1, 5));
    await session.look();
    expect(session.view()?.others.map(({ report }) => report.run)).toEqual(['2-b']);
    expect(session.view()?.choices).toEqual(['3-c', '2-b']);
    expect(session.shown).toEqual(['1-a', '2-b']);
    states.delete('1-a');
    expect(session.view()).toBeUndefined();
  });

  test('shows the log where no loss was told or it failed, and asks no engine otherwise', async () => {
    const { source, say, states, asked } = await dataset('1-a');
    const session = new LossSession(source, '1-a');
    await session.look();
    expect(session.view()?.run.log).toEqual(['last words']);
    await say('1-a', log(1, 3));
    await session.look();
    expect(session.view()?.run.log).toEqual([]);
    const before = asked.length;
    await session.look();
    expect(asked).toHaveLength(before);
    states.set('1-a', 'failed');
    expect(await session.look()).toBe(true);
    expect(session.view()?.run.log).toEqual(['last words']);
    expect(asked).toHaveLength(before + 1);
    expect(session.live).toBe(false);
  });

  test('takes the progress of the engine where there is no file, until there is one', async () => {
    const { source, say, answer } = await dataset('1-a');
    answer.progress = [{ event: 'log', step: 1, loss: 9 }];
    const session = new LossSession(source, '1-a');
    await session.look();
    expect(session.view()?.run.curve.points.map(({ loss }) => loss)).toEqual([9]);
    await say('1-a', log(1, 3));
    await session.look();
    expect(session.view()?.run.curve.points.map(({ loss }) => loss)).toEqual([3]);
  });

  test('tells a checkpoint that the trainer has deleted from one that is there', async () => {
    const { source, say, kept } = await dataset('1-a');
    const save = (step: number) => `${JSON.stringify({ event: 'save', step, checkpoint: `out/checkpoint-${step}` })}\n`;
    const session = new LossSession(source, '1-a');
    const gone = () => session.view()?.run.curve.checkpoints.map((one) => [one.step, one.gone ?? false]);
    kept.push(2);
    await say('1-a', log(2, 1) + save(2));
    await session.look();
    expect(gone()).toEqual([[2, false]]);
    kept.splice(0, 1, 4);
    await say('1-a', save(4));
    await session.look();
    expect(gone()).toEqual([
      [2, true],
      [4, false],
    ]);
  });

  test('counts lines that can not be read', async () => {
    const { source, say } = await dataset('1-a');
    await say('1-a', `nonsense\n${log(1, 3)}`);
    const session = new LossSession(source, '1-a');
    await session.look();
    expect(session.view()?.run).toMatchObject({ lines: 1, badLines: 1 });
  });
});
