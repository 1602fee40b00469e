import { expect, test } from 'vitest';
import { RoundPlaces } from '../../../src/editor/dataset/round-places.ts';

/** What VS Code keeps, as JSON. */
function memento() {
  let kept = '{}';
  return {
    keys: () => Object.keys(JSON.parse(kept) as object),
    get: <T>(key: string, otherwise: T): T => (JSON.parse(kept) as Record<string, T>)[key] ?? otherwise,
    update: async (key: string, value: unknown) => {
      kept = JSON.stringify({ ...(JSON.parse(kept) as object), [key]: value });
    },
  };
}

const place = (shards: number) => ({
  engine: { engine: 'ray' as const, address: 'http://127.0.0.1:8265' },
  batch: { shards },
});

test('the place of a round is stored for a resume, until the round resumes elsewhere', async () => {
  const places = new RoundPlaces(memento() as never);
  expect(await places.of('/d', '1-sampling')).toBeUndefined();
  await places.set('/d', '1-sampling', place(2));
  await places.set('/d', '2-sampling', place(3));
  await places.set('/other', '1-sampling', undefined);
  expect(await places.of('/d', '1-sampling')).toEqual(place(2));
  expect(await places.of('/other', '1-sampling')).toBeUndefined();
  await places.set('/d', '1-sampling', undefined);
  expect(await places.of('/d', '1-sampling')).toBeUndefined();
  expect(await places.of('/d', '2-sampling')).toEqual(place(3));
});

test('what is kept is no more than some rounds, and what can’t be read is none', async () => {
  const state = memento();
  const places = new RoundPlaces(state as never);
  for (let i = 0; i < 60; i++) await places.set('/d', `${i}-sampling`, place(1));
  expect(await places.of('/d', '0-sampling')).toBeUndefined();
  expect(await places.of('/d', '59-sampling')).toEqual(place(1));
  await state.update('longhand.roundPlaces', [['/d\nbroken', { engine: 'ray' }]]);
  expect(await places.of('/d', 'broken')).toBeUndefined();
});
