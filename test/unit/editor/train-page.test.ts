import { expect, test } from 'vitest';
import { preflightPage } from '../../../src/editor/commands/train-page.ts';
import { TrainingPlan } from '../../../src/protocol/training.ts';
import { l10n as speech } from './speech.ts';

const plan = TrainingPlan.parse({
  ...{ run: '2-sft', trainer: 'trl', engine: { engine: 'local' }, model: 'starter', export: 'accepted', device: 'cpu' },
  ...{ rows: 'train.messages.jsonl', rowCount: 120, settings: {}, resources: {}, configFile: 'sft.yaml', steps: 16 },
  command: ['/opt/a b/python', 'train.py', "it's"],
  env: { OMP_NUM_THREADS: '1' },
  config: 'model: "x"\n# ```\n',
  mask: { kept: 'exact', words: 'Exact: *each* token.' },
  lengths: {
    ...{
      exact: true,
      rows: 120,
      tokens: 60_000,
      trained: 40_000,
      median: 480,
      p99: 900,
      longest: 1000,
      maxLength: 800,
    },
    ...{ cut: 3, empty: 1, emptied: 0 },
  },
  checks: [
    { id: 'program', state: 'ok', message: 'trl 1.16.0, torch 2.13.0' },
    { id: 'lengths', state: 'warning', message: '3 rows are cut <b>', advice: 'Raise the limit.' },
  ],
  ready: true,
});

test('the page says versions, rows, lengths, steps, mask, command and configuration', () => {
  const page = preflightPage(plan, speech);
  for (const words of ['✓ trl 1.16.0, torch 2.13.0', '120', '1,000 at most', '800 tokens; 3 rows are cut', '| 16 |']) {
    expect(page).toContain(words);
  }
  expect(page).toContain('⚠ **3 rows are cut \\<b>** Raise the limit.');
  expect(page).toContain("OMP_NUM_THREADS=1 '/opt/a b/python' train.py 'it'\\''s'");
  expect(page).toContain('1 rows without any trained token');
});

test('text of others has no effect in the page', () => {
  const page = preflightPage(plan, speech);
  expect(page).toContain('Exact: \\*each\\* token.');
  // The configuration holds a fence of three, so its own is longer.
  expect(page).toContain('````yaml\nmodel: "x"\n# ```\n````');
});

test('an error is said before all else', () => {
  const page = preflightPage(
    { ...plan, ready: false, checks: [{ id: 'program', state: 'error', message: 'No Python', advice: 'Make one.' }] },
    speech,
  );
  expect(page.split('\n\n').slice(1, 3)).toEqual(['**Something stands in the way.**', '- ✗ **No Python** Make one.']);
});

test('a host reckons limit and batch itself: the page does not tell of what it would not heed', () => {
  const page = preflightPage({ ...plan, trainer: 'together', steps: null }, speech);
  expect(page).not.toContain('rows are cut |');
  expect(page).not.toContain('at once ×');
  expect(page).toContain('the trainer reckons them');
});
