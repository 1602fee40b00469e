import { expect, test, vi } from 'vitest';
import { TRAINERS } from '../../../../src/trainers/index.ts';
import { l10n } from '../l10n.ts';

vi.mock('vscode', () => ({ l10n, env: { language: 'en' }, QuickPickItemKind: { Separator: -1 } }));
const { trainerChoices } = await import('../../../../src/editor/training/train-sources.ts');

/** What a quick pick shows of a second line beside the name of a group, in characters. */
const FITS = 66;

test('the second line of each trainer fits into the list and adds something to the first', () => {
  const rows = trainerChoices('sft').filter((row) => 'value' in row);
  expect(rows.map(({ value }) => value).sort()).toEqual(TRAINERS.map(({ name }) => name).sort());
  for (const { detail = '', description = '' } of rows) {
    expect(detail.length, detail).toBeGreaterThan(0);
    expect(detail.length, detail).toBeLessThanOrEqual(FITS);
    expect(detail).not.toContain(description);
  }
});

test('only trainers of the objective are offered', () => {
  const values = trainerChoices('dpo').flatMap((row) => ('value' in row ? [row.value] : []));
  expect(values).toEqual(['trl', 'llamafactory']);
});
