import { expect, test } from 'vitest';
import { JudgeSettings } from '../../../src/core/schemas/index.ts';
import { DEFAULT_STARTER } from '../../../src/models/starter/catalogue.ts';
import { limitedJudge } from '../../../src/runner/judge/plan-judge.ts';

test('the starter as a judge writes at most 256 tokens, and fewer if they are set', () => {
  const starter = { kind: 'starter', model: DEFAULT_STARTER } as const;
  const usual = JudgeSettings.parse({});
  expect(usual.sampling.maxTokens).toBeGreaterThan(256);
  expect(limitedJudge(usual, starter).sampling.maxTokens).toBe(256);
  const few = { ...usual, sampling: { ...usual.sampling, maxTokens: 30 } };
  expect(limitedJudge(few, starter)).toEqual(few);
  expect(limitedJudge(usual, { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'large' })).toEqual(usual);
});
