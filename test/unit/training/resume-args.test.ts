import { expect, test } from 'vitest';
import { VERBS } from '../../../src/protocol/verbs.ts';

test('a resume that says nothing of epochs or steps asks for none', () => {
  // A default would train every resumed run to that epoch, whatever it was begun with.
  expect(VERBS['resume-run'].args.parse({ dataset: 'd', run: 'r' })).toEqual({ dataset: 'd', run: 'r' });
});
