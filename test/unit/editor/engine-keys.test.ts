import { expect, test } from 'vitest';
import type { Keys } from '../../../src/editor/models/keys.ts';
import { EngineKeys } from '../../../src/editor/training/engine-keys.ts';

test('a verb that asks several clusters gets the token of each, and each for its own host', async () => {
  const kept = new Map<string, string>();
  const keys: Pick<Keys, 'get' | 'set'> = {
    get: async (name) => kept.get(name),
    set: async (name, key) => void kept.set(name, key),
  };
  const engines = new EngineKeys(keys as Keys);
  const ray = (address: string) => ({ engine: 'ray' as const, address });
  await engines.set('https://a.example', 'a');
  await engines.set('http://b.example:8265', 'b');
  const all = [ray('https://a.example'), ray('http://b.example:8265'), ray('https://c.example')];
  expect(await engines.of([...all, { engine: 'local' }])).toEqual({
    engine: 'ray',
    tokens: { 'a.example': 'a', 'http://b.example:8265': 'b' },
  });
  expect(await engines.of([{ engine: 'local' }, ray('https://c.example')])).toBeUndefined();
});
