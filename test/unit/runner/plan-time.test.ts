import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelRef, RoundSummary } from '../../../src/core/schemas/index.ts';
import { print } from '../../../src/verbs/dialogue/plan.ts';
import { plan } from '../store/fixtures.ts';
import { open, run, temporaryFolder } from '../verbs/run.ts';

const MODEL: ModelRef = { kind: 'starter', model: 'smollm2-135m-instruct' };
const none = { FF: 0, FT: 0, TF: 0, TT: 0 };
/** 100 calls of 50 tokens each at 10 tokens a second. */
const measured: RoundSummary = {
  ...{ version: 1, round: '1-first', finishedAt: '2026-01-01T00:00:00Z', calls: 100, completionTokens: 5000 },
  ...{ seconds: 500, problems: 5, problemsWithoutChain: 0, chains: 0, chainsPassed: 0, quotaDropped: [] },
  ...{ pairs: none, assembled: none, kept: none },
};

test('a plan shows the time of a round once the model has finished one, and “unknown” before', async () => {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  await opened.saveSettings({ model: MODEL, promptSet: 'small' });
  const before = await run('plan', { dataset, problems: 5 });
  expect(before.expected).not.toHaveProperty('secondsMin');
  expect(print(before)).toContain('; time unknown: this model has no finished round');

  await opened.createRound(plan('1-first', { model: MODEL }));
  await opened.writeSummary('1-first', measured);
  const after = await run('plan', { dataset, problems: 5 });
  const { requestsMin = 0, requestsMax = 0, secondsMin, secondsMax } = after.expected ?? {};
  expect([secondsMin, secondsMax]).toEqual([requestsMin * 5, requestsMax * 5]);
  expect(print(after)).toContain('; 5 min to 10 min, at the speed of its latest round');
});
