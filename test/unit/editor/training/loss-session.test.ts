import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunRecord } from '../../../../src/core/schemas/index.ts';
import { LossSession, type LossSource } from '../../../../src/editor/training/loss/session.ts';
import { RunReport } from '../../../../src/protocol/training.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const log = (step: number, loss: number) => `${JSON.stringify({ event: 'log', step, loss })}\n`;
/** Fields of the record and the report of a run. */
const SHARED = { kind: 'train', createdAt: '', engine: { engine: 'local' } };

/** A dataset with runs of which only the progress is on disk. */
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
        RunReport.parse({ ...SHARED, run, folder: join(folder, 'runs', run), state, attempts: 0, checkpoints: [] }),
      ),
    read: async (id) => {
      if (!states.has(id)) throw new Error(`no ${id}`);
      return { record: RunRecord.parse({ ...SHARED, version: 1, id, command: ['x'], resources: {} }), attempts: [] };
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
    append: (run: string, text: string) => appendFile(join(folder, 'runs', run, 'progress.jsonl'), text),
  };
}

describe('the loss page', () => {
  test('follows the progress of its run, and reports whether anything changed', async () => {
    const { source, append } = await dataset('1-a');
    await append('1-a', log(1, 3));
    const session = new LossSession(source, '1-a');
    expect(session.view()).toBeUndefined();
    expect(await session.refresh()).toBe(true);
    expect(await session.refresh()).toBe(false);
    await append('1-a', log(2, 2));
    expect(await session.refresh()).toBe(true);
    expect(session.view()?.run.curve.points.map(({ loss }) => loss)).toEqual([3, 2]);
  });

  test('compares other runs, and ignores a deleted one', async () => {
    const { source, append, states } = await dataset('1-a', '2-b', '3-c');
    await append('2-b', log(1, 5));
    const session = new LossSession(source, '1-a', ['2-b', '2-b', '1-a', 'gone']);
    await session.refresh();
    expect(session.view()?.choices).toEqual(['2-b']);
    await append('3-c', log(1, 5));
    await session.refresh();
    expect(session.view()?.others.map(({ report }) => report.run)).toEqual(['2-b']);
    expect(session.view()?.choices).toEqual(['3-c', '2-b']);
    expect(session.shown).toEqual(['1-a', '2-b']);
    states.delete('1-a');
    expect(session.view()).toBeUndefined();
  });

  test('shows the log when no loss was reported or the run failed, and asks no engine otherwise', async () => {
    const { source, append, states, asked } = await dataset('1-a');
    const session = new LossSession(source, '1-a');
    await session.refresh();
    expect(session.view()?.run.log).toEqual(['last words']);
    await append('1-a', log(1, 3));
    await session.refresh();
    expect(session.view()?.run.log).toEqual([]);
    const before = asked.length;
    await session.refresh();
    expect(asked).toHaveLength(before);
    states.set('1-a', 'failed');
    expect(await session.refresh()).toBe(true);
    expect(session.view()?.run.log).toEqual(['last words']);
    expect(asked).toHaveLength(before + 1);
    expect(session.live).toBe(false);
  });

  test('uses the progress of the engine until there is a file', async () => {
    const { source, append, answer } = await dataset('1-a');
    answer.progress = [{ event: 'log', step: 1, loss: 9 }];
    const session = new LossSession(source, '1-a');
    await session.refresh();
    expect(session.view()?.run.curve.points.map(({ loss }) => loss)).toEqual([9]);
    await append('1-a', log(1, 3));
    await session.refresh();
    expect(session.view()?.run.curve.points.map(({ loss }) => loss)).toEqual([3]);
  });

  test('distinguishes deleted checkpoints from existing ones', async () => {
    const { source, append, kept } = await dataset('1-a');
    const save = (step: number) => `${JSON.stringify({ event: 'save', step, checkpoint: `out/checkpoint-${step}` })}\n`;
    const session = new LossSession(source, '1-a');
    const gone = () => session.view()?.run.curve.checkpoints.map((one) => [one.step, one.gone ?? false]);
    kept.push(2);
    await append('1-a', log(2, 1) + save(2));
    await session.refresh();
    expect(gone()).toEqual([[2, false]]);
    kept.splice(0, 1, 4);
    await append('1-a', save(4));
    await session.refresh();
    expect(gone()).toEqual([
      [2, true],
      [4, false],
    ]);
  });

  test('counts lines that can’t be read', async () => {
    const { source, append } = await dataset('1-a');
    await append('1-a', `nonsense\n${log(1, 3)}`);
    const session = new LossSession(source, '1-a');
    await session.refresh();
    expect(session.view()?.run).toMatchObject({ lines: 1, badLines: 1 });
  });
});
