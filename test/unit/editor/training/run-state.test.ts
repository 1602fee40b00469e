import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MENUS } from '../../../../src/editor/contributions/menus.ts';
import { checkpointFolder, isBeingSent, isStoppable, runContext } from '../../../../src/editor/training/run-state.ts';
import type { RunReport } from '../../../../src/protocol/training.ts';

const report = (over: Partial<RunReport>): RunReport => ({
  run: 'r',
  folder: '/r',
  kind: 'train',
  createdAt: '',
  engine: { engine: 'local' },
  attempts: 1,
  state: 'running',
  checkpoints: [],
  ...over,
});

test.each([
  [{ state: 'running' }, true],
  [{ state: 'lost' }, false],
  // It is paid on at the host.
  [{ state: 'lost', hosted: true }, true],
  [{ state: 'succeeded', hosted: true }, false],
] as const)('%j can be stopped: %s, by command and menu', (over, stoppable) => {
  const one = report(over);
  expect(isStoppable(one)).toBe(stoppable);
  const items = MENUS['view/item/context'].filter(
    ({ command, when }) => command === 'longhand.stop' && when.includes('^run'),
  );
  const patterns = items.map(({ when }) => new RegExp(/viewItem =~ \/(.*)\//.exec(when)?.[1] ?? ''));
  expect(patterns.map((pattern) => pattern.test(runContext(one)))).toEqual(items.map(() => stoppable));
  expect(items.length).toBeGreaterThan(0);
});

test('a checkpoint lies in the run, or in what the nodes share', () => {
  const checkpoint = { path: 'out/checkpoint-4' };
  expect(checkpointFolder(report({}), checkpoint)).toBe(join('/r', 'out', 'checkpoint-4'));
  expect(checkpointFolder(report({ results: '/shared/r' }), checkpoint)).toBe(join('/shared/r', 'out', 'checkpoint-4'));
});

test('a run that its engine does not list is queried again while it may be submitted', () => {
  const createdAt = '2026-11-26T12:00:00Z';
  const after = (seconds: number): number => Date.parse(createdAt) + seconds * 1000;
  expect(isBeingSent({ state: 'lost', createdAt }, after(5))).toBe(true);
  expect(isBeingSent({ state: 'lost', createdAt }, after(600))).toBe(false);
  expect(isBeingSent({ state: 'failed', createdAt }, after(5))).toBe(false);
});
