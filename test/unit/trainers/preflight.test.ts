import { expect, test } from 'vitest';
import { EngineChoice, TrainingSettings } from '../../../src/core/model/index.ts';
import type { PreflightCheck } from '../../../src/protocol/training.ts';
import { rowChecks } from '../../../src/trainers/preflight.ts';

test('the longest of very many rows is found', () => {
  const lengths = Array.from({ length: 300_000 }, (_, row) => ({ tokens: row + 1, trained: 1 }));
  const checks: PreflightCheck[] = [];
  const settings = TrainingSettings.parse({ maxLength: 200_000 });
  rowChecks({ base: { kind: 'folder', path: '/model' }, settings }, { python: '3', packages: {}, lengths }, checks);
  expect(checks).toMatchObject([{ id: 'lengths', advice: 'The longest row has 300000 tokens.' }]);
});

test.each([
  { engine: 'ray', address: 'http://me:secret@127.0.0.1:8265' },
  { engine: 'slurm', rest: 'http://me:secret@127.0.0.1:6820', sharedFolder: '/shared' },
  { engine: 'slurm', rest: 'http://127.0.0.1:6820/?token=secret', sharedFolder: '/shared' },
])('an address that is stored holds no secret: %j', (choice) => {
  const read = EngineChoice.safeParse(choice);
  expect(read.error?.issues[0]?.message).toMatch(/leave out .*(LONGHAND_RAY_TOKEN|SLURM_JWT)$/);
});
