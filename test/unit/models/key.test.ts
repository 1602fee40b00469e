import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallRequest } from '../../../src/core/schemas/index.ts';
import { canonicalJson, journalKey } from '../../../src/models/key.ts';

const request: CallRequest = {
  host: 'starter',
  model: 'smollm2-135m-instruct',
  messages: [{ role: 'user', content: 'What is 7 + 8?' }],
  sampling: { temperature: 1, topP: 0.95, maxTokens: 160 },
  seed: 7,
};

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

test('the key of a request is the same in every release: journals outlive them', () => {
  // printf '<canonical JSON>' | sha256sum
  expect(canonicalJson(request)).toBe(
    '{"host":"starter","messages":[{"content":"What is 7 + 8?","role":"user"}],"model":"smollm2-135m-instruct",' +
      '"sampling":{"maxTokens":160,"temperature":1,"topP":0.95},"seed":7}',
  );
  expect(journalKey(request)).toBe('2f06ac30e8ada6fcfc1feadcf433abc4');
});

test('the order of properties does not matter', () => {
  expect(journalKey(reversed(request) as CallRequest)).toBe(journalKey(request));
  fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(reversed(value)) === canonicalJson(value)));
});

test('every input that affects the reply changes the key', () => {
  const others: CallRequest[] = [
    { ...request, host: 'localhost:8000' },
    { ...request, model: 'other' },
    { ...request, seed: 8 },
    { ...request, sampling: { ...request.sampling, temperature: 0.9 } },
    { ...request, sampling: { ...request.sampling, topP: 1 } },
    { ...request, sampling: { ...request.sampling, maxTokens: 161 } },
    { ...request, messages: [{ role: 'user', content: 'What is 7 + 8? ' }] },
    { ...request, messages: [{ role: 'system', content: 'What is 7 + 8?' }] },
    { ...request, messages: [...request.messages, ...request.messages] },
  ];
  expect(new Set([request, ...others].map(journalKey)).size).toBe(others.length + 1);
});

test('canonical JSON parses to the same value as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
