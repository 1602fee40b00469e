import { expect, test } from 'vitest';
import { hostedBaseURL } from '../../../src/trainers/hosted/config.ts';
import { TRAINERS } from '../../../src/trainers/index.ts';
import { aRequest, configOf } from './a-request.ts';

test('every hosted trainer has its host in its own configuration, and no other trainer has one', () => {
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
])('%j names no host, which the plan says', (config) => {
  expect(hostedBaseURL(config)).toBeUndefined();
  for (const trainer of TRAINERS.filter(({ hosted }) => hosted)) {
    expect(trainer.checkConfig?.(config)).toMatchObject([{ id: 'config', state: 'error' }]);
  }
});

test('a configuration that can be read is nothing to complain of', () => {
  for (const trainer of TRAINERS) {
    expect(trainer.checkConfig?.(configOf(trainer, aRequest({ custom: ['train'] }))) ?? []).toEqual([]);
  }
});
