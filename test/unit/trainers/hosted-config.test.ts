import { expect, test } from 'vitest';
import { hostedBaseURL } from '../../../src/trainers/hosted/host.ts';
import { TRAINERS } from '../../../src/trainers/index.ts';
import { aRequest, configOf } from './a-request.ts';

test('the configuration of each hosted trainer names its host, and no other configuration does', () => {
  const hosts = TRAINERS.flatMap((trainer) => {
    const baseURL = hostedBaseURL(configOf(trainer, aRequest({ model: 'accounts/a/models/b', custom: ['train'] })));
    expect(baseURL !== undefined).toBe(trainer.hosted === true);
    return baseURL === undefined ? [] : [new URL(baseURL).host];
  });
  expect(hosts).toEqual(['api.together.ai', 'api.fireworks.ai', 'api.openai.com']);
});

test.each([
  '',
  'no json',
  '{"host":"together","baseURL":"https://name:secret@example.com/v1","job":{}}',
  '{"host":"together","baseURL":"file:///etc/passwd","job":{}}',
  '{"host":"another","baseURL":"https://example.com/v1","job":{}}',
])('%j names no valid host, which the plan reports', (config) => {
  expect(hostedBaseURL(config)).toBeUndefined();
  for (const trainer of TRAINERS.filter(({ hosted }) => hosted)) {
    expect(trainer.checkConfig?.(config)).toMatchObject([{ id: 'config', state: 'error' }]);
  }
});

test('a valid configuration has no problems', () => {
  for (const trainer of TRAINERS) {
    expect(trainer.checkConfig?.(configOf(trainer, aRequest({ custom: ['train'] }))) ?? []).toEqual([]);
  }
});
