import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { annotate } from '../../../src/core/behaviours/annotate.ts';
import type { CalibrationAct } from '../../../src/core/review/calibration/index.ts';
import type { Behaviour, Phase, ReviewAct } from '../../../src/core/schemas/index.ts';
import { type Dataset, readCalibration } from '../../../src/store/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { formatRefit } from '../../../src/verbs/review/print-refit.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { open, run } from './run.ts';

/** A sample dataset with a learning plan whose sentences r1 labels. For r1, verification is the phases in which a sentence looks at what is there. */
const LOOKS: ReadonlySet<Phase> = new Set(['verify', 'monitor', 'answer']);

async function labelled(size: number): Promise<Dataset> {
  const folder = join(await temporaryFolder(), 'sample');
  await run('sample', { dataset: folder });
  const { calibration } = await run('calibrate', {
    ...{ dataset: folder, draw: size, order: 'learning', reviewer: 'r1', seed: 3 },
  });
  const dataset = await open(folder);
  const { plan } = await readCalibration(dataset, calibration);
  const phases = new Map<string, ReturnType<typeof annotate>['sentences']>();
  const acts: CalibrationAct[] = [];
  for (const [sentence, { chainId, start, end }] of plan.sentences.entries()) {
    const sentences = phases.get(chainId) ?? annotate((await dataset.chain(chainId)).text).sentences;
    phases.set(chainId, sentences);
    const phase = sentences.find((one) => one.start <= start && one.end >= end)?.phase ?? 'read';
    const kinds: Behaviour[] = LOOKS.has(phase) ? ['verification'] : [];
    acts.push({ act: 'label', sentence, kinds, id: `a${sentence}`, at: '2026-01-01', reviewer: 'r1' });
  }
  await appendLines(join(folder, 'calibrations', calibration, 'labels.jsonl'), acts);
  return dataset;
}

const filesOf = async (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

describe('refit and remark', () => {
  test('finds what the labels gain and writes nothing', async () => {
    const dataset = await labelled(300);
    const result = await run('refit', { dataset: dataset.folder });
    expect(result).toMatchObject({ labels: 300, corrected: 0, reviewers: ['r1'], current: { state: 'none' } });
    expect(result.outcomes.find(({ kind }) => kind === 'verification')).toMatchObject({ verdict: 'better' });
    expect(result.outcomes.find(({ kind }) => kind === 'backward')).toMatchObject({ verdict: 'few' });
    expect(await filesOf(join(dataset.folder, 'classifier'))).toEqual([]);
    expect(formatRefit(result)).toMatch(/verification: precision 0\.\d\d → [01]\.\d\d, recall .* on held-back labels/);
  });

  test('writes a numbered file, marks with it, and every span names the version; human spans stay', async () => {
    const dataset = await labelled(300);
    const { folder } = dataset;
    const chain = dataset.index.chains()[0]?.id ?? '';
    const act: ReviewAct = {
      ...{ id: 'x1', at: '2026-01-02', reviewer: 'r2', chainId: chain },
      ...{ act: 'label', kind: 'subgoal', start: 0, end: 12 },
    };
    await dataset.appendReview(act);
    await dataset.refresh();
    const touched = await dataset.chain(chain);
    const { written } = await run('refit', { dataset: folder, apply: true });
    expect(written).toBe(1);
    expect(await filesOf(join(folder, 'classifier'))).toEqual(['1.json']);

    const found = await run('remark', { dataset: folder });
    expect(found).toMatchObject({ applied: false, reviewed: 1 });
    expect(found.version).toMatch(/^[0-9a-f]{8}\+1$/);
    const applied = await run('remark', { dataset: folder, apply: true });
    expect(applied.changed).toBe(found.changed);
    expect((await run('remark', { dataset: folder })).changed).toBe(0);

    await dataset.refresh();
    expect(await dataset.chain(chain)).toEqual(touched);
    for (const { id } of dataset.index.chains()) {
      if (id === chain) continue;
      for (const span of (await dataset.chain(id)).spans) {
        if (span.source === 'classifier') expect(span.version).toBe(found.version);
      }
    }
  });

  test('is switched off and on, and an old or damaged file is reported and not used', async () => {
    const { folder } = await labelled(300);
    const shipped = /^[0-9a-f]{8}$/;
    const state = async (args: { on?: true; off?: true } = {}) => {
      const result = await run('refit', { dataset: folder, ...args });
      return {
        ...result.current,
        text: formatRefit(result),
        marks: (await run('remark', { dataset: folder })).version,
      };
    };
    await run('refit', { dataset: folder, apply: true });
    expect(await state({ off: true })).toMatchObject({
      state: 'off',
      number: 1,
      marks: expect.stringMatching(shipped),
    });
    expect(await state({ on: true })).toMatchObject({ state: 'used', marks: expect.stringMatching(/\+1$/) });

    const head = JSON.parse(await readFile(join(folder, 'classifier', '1.json'), 'utf8'));
    await writeFile(join(folder, 'classifier', '2.json'), JSON.stringify({ ...head, shipped: '0123456789abcdef' }));
    const outdated = await state();
    expect(outdated).toMatchObject({ state: 'outdated', number: 2, marks: expect.stringMatching(shipped) });
    expect(outdated.text).toContain('Out of date: classifier/2.json');

    const damaged = ['{', '{"version":2}', JSON.stringify({ ...head, weights: { verification: ['x'] } })];
    for (const content of damaged) {
      await writeFile(join(folder, 'classifier', '3.json'), content);
      const found = await state();
      expect(found).toMatchObject({ state: 'damaged', marks: expect.stringMatching(shipped) });
      expect(found.text).toContain('3.json is not a valid classifier');
    }
  });

  test('does not write through a symbolic link', async () => {
    const other = await labelled(300);
    const outside = await temporaryFolder();
    await mkdir(outside, { recursive: true });
    await symlink(outside, join(other.folder, 'classifier'));
    await expect(run('refit', { dataset: other.folder, apply: true })).rejects.toThrow('symbolic link');
    expect(await filesOf(outside)).toEqual([]);
  });
});

test('labels of a learning plan give no estimates', async () => {
  const dataset = await labelled(20);
  const report = await run('calibrate', { dataset: dataset.folder });
  expect(report).toMatchObject({ purpose: 'learning', labelled: 20, detectors: [] });
});
