import { expect, test } from 'vitest';
import { VERBS } from '../../../src/verbs/index.ts';

test('the arguments of a resume have no default epochs or steps', () => {
  // A default would train every resumed run to that epoch, whatever its own setting is.
  expect(VERBS['resume-run'].args.parse({ dataset: 'd', run: 'r' })).toEqual({ dataset: 'd', run: 'r' });
});
