import { afterEach, describe, expect, test } from 'vitest';
import type { Calibration, CalibrationAct } from '../../../src/core/review/calibration/index.ts';
import type { Behaviour, Span } from '../../../src/core/schemas/index.ts';
import { CalibrationSession } from '../../../src/editor/review/calibrate/session.ts';
import { datasetSource } from '../../../src/editor/review/calibrate/source.ts';
import type { CalibrateAction } from '../../../src/protocol/keys.ts';
import {
  createCalibration,
  type Dataset,
  detectorScores,
  listCalibrations,
  readCalibration,
} from '../../../src/store/index.ts';
import { appendLines } from '../../../src/store/lines/files.ts';
import { chain, newDataset, problem, plan as roundPlan } from '../store/fixtures.ts';
import { run } from '../verbs/run.ts';

const TEXT = 'First, find x. Then x = 4. Let me check that. 3 · 4 = 12, as it should be. So x = 4. The answer is 4.';
const spanAt = (kind: Behaviour, words: string): Span => {
  const start = TEXT.indexOf(words);
  return { id: kind, kind, start, end: start + words.length, source: 'rule', confidence: 0.5 };
};

const opened: Dataset[] = [];
afterEach(() => Promise.all(opened.splice(0).map((dataset) => dataset.close())));

/** A dataset of five chains. The classifier marks the same sentences in each. */
async function calibrated(): Promise<{ dataset: Dataset; name: string }> {
  const dataset = await newDataset();
  opened.push(dataset);
  await appendLines(`${dataset.problemsFolder}/p.jsonl`, [problem('p1')]);
  await dataset.createRound(roundPlan('0-first'));
  const spans = [
    spanAt('subgoal', 'First, find x.'),
    spanAt('verification', 'Let me check that. 3 · 4 = 12, as it should be.'),
  ];
  await dataset.appendChains(
    '0-first',
    ['a', 'b', 'c', 'd', 'e'].map((id) => chain(id, { text: TEXT, spans })),
  );
  await dataset.refresh();
  const made = await run('calibrate', { dataset: dataset.folder, draw: 12, reviewer: 'r1', seed: 3 });
  return { dataset, name: made.calibration };
}

let stamps = 0;

async function openSession(dataset: Dataset, name: string): Promise<CalibrationSession> {
  const source = datasetSource(dataset, await readCalibration(dataset, name));
  return new CalibrationSession(source, { id: () => `s${stamps++}`, at: () => '2026-01-01T00:00:00.000Z' });
}

const press = async (session: CalibrationSession, ...actions: CalibrateAction[]): Promise<(string | undefined)[]> => {
  const messages: (string | undefined)[] = [];
  for (const action of actions) messages.push(await session.perform(action));
  return messages;
};

describe('a calibration session', () => {
  test('shows one sentence after the other, without the marks of the classifiers', async () => {
    const { dataset, name } = await calibrated();
    const session = await openSession(dataset, name);
    const view = await session.view();
    expect(view).toMatchObject({ position: 1, total: 12, labelled: 0, report: null });
    expect(JSON.stringify(view)).not.toMatch(/"marks"|"rule"|"stratum"|"probability"/);
    expect(TEXT).toContain(view.item?.excerpt.sentence);
    await press(session, 'verification', 'subgoal', 'verification', 'confirm', 'confirm', 'skip');
    expect(await session.view()).toMatchObject({ position: 4, labelled: 2, skipped: 1 });
  });

  test('loses nothing when it ends early, and resumes at the first unlabelled sentence', async () => {
    const { dataset, name } = await calibrated();
    await press(await openSession(dataset, name), 'none', 'verification', 'confirm', 'none');
    const later = await openSession(dataset, name);
    expect(await later.view()).toMatchObject({ position: 4, labelled: 3 });
    await press(later, 'back', 'back');
    expect((await later.view()).item?.label).toEqual(['verification']);
  });

  test('that ended after a kind was set resumes at that sentence, which can have more kinds', async () => {
    const { dataset, name } = await calibrated();
    await press(await openSession(dataset, name), 'none', 'backward');
    expect(await (await openSession(dataset, name)).view()).toMatchObject({
      position: 2,
      item: { label: ['backward'] },
    });
  });

  test('undoes across sentences, moves to the sentence of the act, and reports when there is nothing to undo', async () => {
    const { dataset, name } = await calibrated();
    const session = await openSession(dataset, name);
    await press(session, 'none', 'skip', 'subgoal');
    await press(session, 'undo', 'undo');
    expect(await session.view()).toMatchObject({ position: 2, labelled: 1, skipped: 0, item: { label: null } });
    await press(session, 'redo');
    expect(await session.view()).toMatchObject({ position: 2, skipped: 1 });
    expect(await press(session, 'undo', 'undo', 'undo')).toEqual([undefined, undefined, 'There is nothing to undo.']);
    const { acts } = await readCalibration(dataset, name);
    expect(acts.map(({ act }) => act)).toEqual(['label', 'skip', 'label', 'undo', 'undo', 'redo', 'undo', 'undo']);
  });

  test('ends at the result, after the sentences that were passed over', async () => {
    const { dataset, name } = await calibrated();
    const session = await openSession(dataset, name);
    expect(await press(session, 'result')).toEqual(['No labels yet.']);
    await press(session, 'next', ...Array<CalibrateAction>(11).fill('confirm'));
    expect(await session.view()).toMatchObject({ position: 1, labelled: 11 });
    expect(await press(session, 'confirm')).toEqual([undefined]);
    await press(session, 'back');
    for (let i = 0; i < 11; i++) await press(session, 'next');
    await press(session, 'confirm');
    const view = await session.view();
    expect(view.item).toBeNull();
    expect(view.report).toMatchObject({ labelled: 12, sentences: 12 });
    expect(await press(session, 'verification')).toEqual(['This is the result. Press ← for the sentences.']);
    expect(await (await openSession(dataset, name)).view()).toMatchObject({ item: null, report: { labelled: 12 } });
  });

  test('excludes sentences of a chain whose text has changed', async () => {
    const { dataset, name } = await calibrated();
    const { plan } = await readCalibration(dataset, name);
    const changed = plan.sentences[0]?.chainId ?? '';
    const gone = plan.sentences.filter(({ chainId }) => chainId === changed).length;
    await dataset.appendChains('0-first', [chain(changed, { text: `${TEXT} Really.` })]);
    await dataset.refresh();
    const view = await (await openSession(dataset, name)).view();
    expect(view).toMatchObject({ total: 12 - gone, leftOut: gone });
  });

  test('does not label a sentence that it can’t show, and continues after it', async () => {
    const { dataset, name } = await calibrated();
    const session = await openSession(dataset, name);
    const { plan } = await readCalibration(dataset, name);
    const changed = plan.sentences[0]?.chainId ?? '';
    await dataset.appendChains('0-first', [chain(changed, { text: `${TEXT} Really.` })]);
    await dataset.refresh();
    await expect(session.perform('verification')).rejects.toThrow('changed after');
    expect(await session.view()).toMatchObject({ position: 1, labelled: 0, item: null, trouble: expect.any(String) });
    await press(session, 'next');
    expect((await session.view()).position).toBe(2);
  });

  test('does not move when an act can’t be written', async () => {
    const { dataset, name } = await calibrated();
    const source = datasetSource(dataset, await readCalibration(dataset, name));
    const full = { ...source, append: () => Promise.reject(new Error('the disk is full')) };
    const session = new CalibrationSession(full, { id: () => 'x', at: () => '' });
    await expect(session.perform('none')).rejects.toThrow('the disk is full');
    expect(await session.view()).toMatchObject({ position: 1, labelled: 0 });
  });
});

describe('the folder of calibrations', () => {
  test('numbers them, copies the plan for another curator, and ignores entries that can’t be read', async () => {
    const { dataset, name } = await calibrated();
    expect(name).toBe('1-r1');
    const second = await run('calibrate', { dataset: dataset.folder, sameAs: name, reviewer: 'r 2' });
    expect(second.calibration).toMatch(/^2-r-2/);
    const again = await run('calibrate', { dataset: dataset.folder, sameAs: name, reviewer: 'r 2' });
    expect(again.calibration).toBe(second.calibration);
    await press(await openSession(dataset, name), 'none', 'none', 'verification');
    await press(await openSession(dataset, second.calibration), 'none', 'none', 'none');
    const { agreement } = await run('calibrate', { dataset: dataset.folder, calibration: name });
    expect(agreement).toMatchObject([{ reviewer: 'r 2', sentences: 3, kappa: { verification: 0 } }]);
    const plans = (await listCalibrations(dataset)).map(({ plan }) => plan);
    expect(plans[1]?.sentences).toEqual(plans[0]?.sentences);
    await appendLines(`${dataset.folder}/calibrations/3-torn/plan.json`, [{ version: 9 }]);
    await appendLines(`${dataset.folder}/calibrations/${name}/labels.jsonl`, [{ act: 'sing' }]);
    expect((await listCalibrations(dataset)).map((one) => one.name)).toEqual([name, second.calibration]);
  });

  test('has no scores before a label, then those of the latest finished calibration', async () => {
    const { dataset, name } = await calibrated();
    expect(await detectorScores(dataset)).toBeUndefined();
    const { plan } = await readCalibration(dataset, name);
    await press(await openSession(dataset, name), ...plan.sentences.map((): CalibrateAction => 'none'));
    const later = await createCalibration(dataset, { ...plan, id: 'another-plan' });
    await press(await openSession(dataset, later), 'none');
    const scores = await detectorScores(dataset);
    expect(scores).toMatchObject({ calibration: name, labelled: 12 });
    expect(scores?.scores.rule?.verification?.precision).toMatchObject({ value: 0, low: 0 });
  });
});

describe('longhand calibrate', () => {
  test('draws the same sentences from the same seed', async () => {
    const { dataset, name } = await calibrated();
    const again = await run('calibrate', { dataset: dataset.folder, draw: 12, reviewer: 'r1', seed: 3 });
    const sentences = async (one: string): Promise<Calibration['plan']['sentences']> =>
      (await readCalibration(dataset, one)).plan.sentences;
    expect(await sentences(again.calibration)).toEqual(await sentences(name));
  });

  test('explains what to do without a draw, a reviewer or a chain', async () => {
    const dataset = await newDataset();
    opened.push(dataset);
    const { folder } = dataset;
    await expect(run('calibrate', { dataset: folder })).rejects.toMatchObject({
      advice: expect.stringContaining('--draw'),
    });
    await expect(run('calibrate', { dataset: folder, draw: 50 })).rejects.toThrow('No reviewer named');
    await expect(run('calibrate', { dataset: folder, draw: 50, reviewer: 'r' })).rejects.toThrow('no chains');
    await expect(run('calibrate', { dataset: folder, calibration: '../x' })).rejects.toThrow('is not a valid name');
  });

  test('writes a plan without texts', async () => {
    const { dataset, name } = await calibrated();
    expect(JSON.stringify((await readCalibration(dataset, name)).plan)).not.toContain('check that');
    const act: CalibrationAct | undefined = (await readCalibration(dataset, name)).acts[0];
    expect(act).toBeUndefined();
  });
});
