// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import type { ToDifficultyPage } from '../../../src/protocol/difficulty-page.ts';
import { showReport } from '../../../webview/difficulty/app.ts';

const report = {
  model: { kind: 'starter', model: 'smollm2-135m-instruct' },
  role: 'base',
  rounds: [],
  covered: 0,
  problems: [],
} as unknown as ToDifficultyPage['report'];

test('the heading names the model and the dataset beside the title, at every width', () => {
  const root = document.createElement('div');
  showReport(root, { type: 'snapshot', dataset: 'My problems', report }, () => undefined);
  const head = root.querySelector('.head');
  expect(head?.textContent?.replace(/\s+/g, ' ').trim()).toBe('Difficulty smollm2-135m-instruct (base) · My problems');
  // Counts are hidden in a narrow editor.
  expect(head?.querySelector('.counts')).toBeNull();
  expect(root.querySelector('.lead')?.textContent).toContain('No round with smollm2-135m-instruct yet.');
});
