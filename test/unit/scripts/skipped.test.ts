import { expect, test } from 'vitest';
import { reasonInName } from '../../../scripts/lib/vitest-reporter.ts';
import { optIn } from '../../fixtures/opt-in.ts';

test('the name of an opt-in test holds the variable that enables it', () => {
  const { why } = optIn('LONGHAND_TEST_NOTHING', 'about 2 GB of packages each');
  expect(reasonInName(`real programs ${why} > one of them trains`)).toBe(
    'needs LONGHAND_TEST_NOTHING=1: about 2 GB of packages each',
  );
});
