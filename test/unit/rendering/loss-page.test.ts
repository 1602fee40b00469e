// @vitest-environment happy-dom
import './standards-mode.ts';
import { describe, expect, test } from 'vitest';
import type { ProgressLine } from '../../../src/core/schemas/index.ts';
import { foldProgress } from '../../../src/core/training/curve.ts';
import { type FromLossPage, type LossRun, ToLossPage } from '../../../src/protocol/loss-page.ts';
import { RunReport } from '../../../src/protocol/training.ts';
import { LossApp } from '../../../webview/loss/app.ts';
import { runRecord } from '../../fixtures/training-run.ts';

const TOLD: ProgressLine[] = [
  { event: 'begin', step: 0, total: 8, t: 0 },
  { event: 'log', step: 1, t: 6, loss: 1.5, lr: 1e-5, tokens: 1200 },
  { event: 'log', step: 2, t: 12, loss: 1.25, lr: 1e-5, tokens: 2400 },
];

function run(
  id: string,
  state: RunReport['state'],
  lines: ProgressLine[] = TOLD,
  rest: Partial<LossRun> = {},
): LossRun {
  return {
    report: RunReport.parse({
      run: id,
      folder: `/d/runs/${id}`,
      kind: 'train',
      createdAt: '2026-11-26T12:00:00Z',
      engine: { engine: 'local' },
      state,
      attempts: 1,
      checkpoints: [],
    }),
    record: runRecord(id, { command: ['/opt/my env/python', 'train_sft.py'], env: { OMP_NUM_THREADS: '1' } }),
    attempts: [],
    curve: foldProgress(lines),
    lines: lines.length,
    badLines: 0,
    log: [],
    ...rest,
  };
}

function show(main: LossRun, rest: Partial<ToLossPage> = {}) {
  const root = document.createElement('div');
  document.body.replaceChildren(root);
  const sent: FromLossPage[] = [];
  const app = new LossApp(root, (message) => sent.push(message));
  const snapshot = ToLossPage.parse({
    type: 'snapshot',
    folder: '/d',
    dataset: 'set',
    run: main,
    others: [],
    choices: [],
    trusted: true,
    ...rest,
  });
  app.show(snapshot);
  const button = (label: string) => [...root.querySelectorAll('button')].find((one) => one.textContent === label);
  const pageText = () => root.textContent?.replace(/\s+/g, ' ') ?? '';
  return { root, sent, app, button, words: pageText, snapshot };
}

describe('the page of the loss', () => {
  test('shows step, loss, rate, tokens and the time left by the step rate', () => {
    const { words, root } = show(run('1-sft', 'running'));
    for (const shown of ['2 of 8', '1.25', '1e-5', '2,400', 'about 36 s', '6 s/step']) expect(words()).toContain(shown);
    expect(root.querySelector('.tiles')?.textContent).not.toContain('Gradient norm');
  });

  test('a run that does not run has no time left', () => {
    expect(show(run('1-sft', 'stopped')).words()).not.toContain('about');
  });

  test('shows the exact command', () => {
    const { root, button, sent } = show(run('1-sft', 'running'));
    expect(root.querySelector('pre.command')?.textContent).toBe("OMP_NUM_THREADS=1 '/opt/my env/python' train_sft.py");
    button('Copy')?.click();
    expect(sent).toEqual([{ type: 'command', command: 'copyCommand' }]);
  });

  test('offers to stop what runs, to resume what stopped, and neither without trust', () => {
    const running = show(run('1-sft', 'running'));
    expect([running.button('Stop'), running.button('Resume')].map(Boolean)).toEqual([true, false]);
    const stopped = show(run('1-sft', 'stopped'));
    stopped.button('Resume')?.click();
    expect(stopped.sent).toEqual([{ type: 'command', command: 'resume' }]);
    const untrusted = show(run('1-sft', 'running'), { trusted: false });
    expect([untrusted.button('Stop'), untrusted.button('Show Log')].map(Boolean)).toEqual([false, false]);
    expect(untrusted.words()).toContain('2 of 8');
  });

  test('shows the failure, its advice and the end of the log', () => {
    const failed = run('1-sft', 'failed', TOLD, { log: ['RuntimeError: out of memory'] });
    failed.report.failure = {
      kind: 'out-of-memory',
      message: 'The GPU has no memory left.',
      advice: 'Take fewer rows at once.',
    };
    failed.report.exitCode = 1;
    const { words, root, sent } = show(failed);
    expect(words()).toContain('The GPU has no memory left. Take fewer rows at once.');
    expect(words()).toContain('exit code 1');
    expect(root.querySelector('pre.log')?.textContent).toBe('RuntimeError: out of memory');
    root.querySelector<HTMLElement>('.trouble button')?.click();
    expect(sent).toEqual([{ type: 'command', command: 'log' }]);
  });

  test('reports a missing loss and shows the log', () => {
    const { words, root } = show(run('1-sft', 'running', [], { log: ['Loading weights'], badLines: 2 }));
    expect(words()).toContain('No loss reported yet.');
    expect(words()).toContain('2 lines of progress.jsonl could not be read');
    expect(root.querySelector('pre.log')?.textContent).toBe('Loading weights');
    expect(root.querySelector('.picture')?.hasAttribute('hidden')).toBe(true);
    expect(root.querySelector('.readout')?.hasAttribute('hidden')).toBe(true);
    expect(words()).not.toMatch(/Loss\s*\d/);
  });

  test('lays another run over it when its box is ticked', () => {
    const { root, sent, app, snapshot } = show(run('2-sft', 'succeeded'), { choices: ['1-sft', '0-old'] });
    const boxes = () => [...root.querySelectorAll<HTMLInputElement>('.compare input')];
    boxes()[0]?.click();
    expect(sent).toEqual([{ type: 'compare', runs: ['1-sft'] }]);
    app.show({ ...snapshot, others: [run('1-sft', 'succeeded')] });
    expect(root.querySelectorAll('.picture polyline.raw')).toHaveLength(2);
    expect(boxes().map(({ checked }) => checked)).toEqual([true, false]);
    boxes()[0]?.click();
    expect(sent.at(-1)).toEqual({ type: 'compare', runs: [] });
  });

  test('has the numbers as a table, and announces states and tenths to a screen reader, not steps', () => {
    const { root, app, snapshot } = show(run('1-sft', 'running'));
    const rows = [...root.querySelectorAll('.points tbody tr')].map((row) =>
      row.textContent?.replace(/\s+/g, ' ').trim(),
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain('1.25');
    const spoken = () => document.querySelector('body > .spoken')?.textContent;
    expect(spoken()).toContain('1-sft: running, step 2 of 8');
    const before = spoken();
    app.show({ ...snapshot, run: run('1-sft', 'running', [...TOLD, { event: 'log', step: 2, t: 13, loss: 1 }]) });
    expect(spoken()).toBe(before);
    app.show({ ...snapshot, run: run('1-sft', 'succeeded') });
    expect(spoken()).toContain('1-sft: finished');
  });
});
