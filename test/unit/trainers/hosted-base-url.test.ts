import { expect, test } from 'vitest';
import { hostedBaseURL } from '../../../src/trainers/hosted/base-url.ts';
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
])('%j names no host', (config) => {
  expect(hostedBaseURL(config)).toBeUndefined();
});
