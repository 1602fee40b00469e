import { expect, test } from 'vitest';
import { exportedText } from '../../../src/editor/export/exported-text.ts';
import { l10n } from './l10n.ts';

test('an export is described by its chains, or by its problems', () => {
  const chains = { chains: 2, rows: { 'train.messages.jsonl': 2 }, trained: 1200, masked: 30 };
  expect(exportedText(chains, l10n)).toBe('Exported 2 chains: 1,200 characters to train on, 30 as context.');
  const problems = { chains: 0, rows: { 'problems.jsonl': 12, 'problems.parquet': 12 }, trained: 0, masked: 0 };
  expect(exportedText(problems, l10n)).toBe('Exported 12 problems.');
});
