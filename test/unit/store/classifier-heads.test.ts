import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClassifierHead } from '../../../src/core/schemas/index.ts';
import { latestHead, writeHead } from '../../../src/store/classifier-heads.ts';
import { newDataset } from './fixtures.ts';

const head = (labels: number): ClassifierHead => ({
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  shipped: '0123456789abcdef',
  inputs: ['bias'],
  labels,
  chains: 1,
  reviewers: ['Ada'],
  outcomes: [],
  weights: {},
});

test('heads that are written at the same moment all keep a file of their own', async () => {
  const dataset = await newDataset();
  const numbers = await Promise.all(Array.from({ length: 12 }, (_, i) => writeHead(dataset, head(i))));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect((await readdir(join(dataset.folder, 'classifier'))).sort()).toEqual(numbers.map((n) => `${n}.json`).sort());
  expect((await latestHead(dataset))?.number).toBe(12);
});
