import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunnerState } from '../../../src/protocol/runner.ts';
import { RoundCounts, StateWriter } from '../../../src/runner/state.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the state of a round', () => {
  test.each(['finished', 'cancelled', 'failed'] as const)('has no remaining time once the round is %s', async (end) => {
    const folder = await temporaryFolder();
    const counts = new RoundCounts();
    const state = new StateWriter(folder, counts, 4, 0, () => undefined);
    const stored = async () => RunnerState.parse(JSON.parse(await readFile(join(folder, 'runner.json'), 'utf8')));
    await state.start();
    counts.calls = 8;
    counts.problemsDone = 2;
    state.set('running');
    await expect.poll(async () => (await stored()).secondsLeft).toBeGreaterThan(0);
    await state.end(end);
    expect(await stored()).not.toHaveProperty('secondsLeft');
  });
});
