import { expect, test } from 'vitest';
import { stepsOf } from '../../../src/trainers/trainer.ts';
import { trl } from '../../../src/trainers/trl/trl.ts';
import { aRequest } from './a-request.ts';

const settings = { epochs: 2, batchSize: 1, accumulate: 1 };
const { lengths } = aRequest();

test('rows without a trained token need no steps once tokens are counted', () => {
  const request = aRequest({ rowCount: 8, settings, lengths: { ...lengths, empty: 4 } });
  expect(stepsOf(trl, request)).toBe(8);
  expect(stepsOf(trl, { ...request, lengths: { ...request.lengths, exact: false } })).toBe(16);
});

test('the GPUs of all nodes share the rows', () => {
  expect(stepsOf(trl, aRequest({ rowCount: 8, settings, device: 'gpu', resources: { gpus: 2, nodes: 2 } }))).toBe(4);
});
