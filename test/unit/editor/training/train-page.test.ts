import { expect, test } from 'vitest';
import { preflightPage } from '../../../../src/editor/training/train-page.ts';
import { TrainingPlan } from '../../../../src/protocol/training.ts';
import { l10n } from '../l10n.ts';

const plan = TrainingPlan.parse({
  run: '2-sft',
  trainer: 'trl',
  objective: 'sft',
  engine: { engine: 'local' },
  model: 'starter',
  export: 'accepted',
  device: 'cpu',
  rows: 'train.messages.jsonl',
  rowCount: 120,
  settings: {},
  resources: {},
  configFile: 'sft.yaml',
  steps: 16,
  command: ['/opt/a b/python', 'train.py', "it's"],
  env: { OMP_NUM_THREADS: '1' },
  config: 'model: "x"\n# ```\n',
  mask: { kept: 'exact', words: 'Exact: *each* token.' },
  lengths: {
    exact: true,
    rows: 120,
    tokens: 60_000,
    trained: 40_000,
    median: 480,
    p99: 900,
    longest: 1000,
    maxLength: 800,
    cut: 3,
    empty: 1,
    emptied: 0,
  },
  checks: [
    { id: 'program', state: 'ok', message: 'trl 1.16.0, torch 2.13.0' },
    { id: 'lengths', state: 'warning', message: '3 rows truncated <b>', advice: 'Raise the limit.' },
  ],
  ready: true,
});

test('the page shows versions, rows, lengths, steps, mask, command and configuration', () => {
  const page = preflightPage(plan, l10n);
  for (const text of ['✓ trl 1.16.0, torch 2.13.0', '120', 'maximum 1,000', '800 tokens; 3 rows truncated', '| 16 |']) {
    expect(page).toContain(text);
  }
  expect(page).toContain('⚠ **3 rows truncated \\<b>** Raise the limit.');
  expect(page).toContain("OMP_NUM_THREADS=1 '/opt/a b/python' train.py 'it'\\''s'");
  expect(page).toContain('1 row without a trained token');
});

test('text of others has no effect in the page', () => {
  const page = preflightPage(plan, l10n);
  expect(page).toContain('Exact: \\*each\\* token.');
  // The configuration holds a fence of three, so its own is longer.
  expect(page).toContain('````yaml\nmodel: "x"\n# ```\n````');
});

test('errors come first', () => {
  const page = preflightPage(
    { ...plan, ready: false, checks: [{ id: 'program', state: 'error', message: 'No Python', advice: 'Make one.' }] },
    l10n,
  );
  expect(page.split('\n\n').slice(1, 3)).toEqual(['**Not ready to train: 1 error**', '- ✗ **No Python** Make one.']);
});

test('the page omits max length and batch size for a hosted trainer that ignores them', () => {
  const page = preflightPage({ ...plan, trainer: 'together', steps: null }, l10n);
  expect(page).not.toContain('truncated |');
  expect(page).not.toContain('accumulation');
  expect(page).toContain('calculated by the trainer');
});
