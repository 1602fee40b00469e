import { expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { LivePlan } from '../../../src/editor/ui/live-plan.ts';

/** A plan that is made, and the trouble that its page shows. */
async function planned() {
  const live = new LivePlan(
    async (choices: string) => `plan of ${choices}`,
    () => undefined,
    { choices: 'a', pauseMs: 0 },
  );
  await live.again();
  const start = (work: () => Promise<void>) => live.start(live.view().plan, work);
  return { live, start };
}

test('a plan that failed when it was carried out can be carried out again', async () => {
  const { live, start } = await planned();
  const full = () => Promise.reject(new UserError('disk-full', 'The disk is full.', 'Free some space.'));
  expect(await start(full)).toBe(false);
  expect(live.view().trouble).toEqual({ message: 'The disk is full.', advice: 'Free some space.', retry: true });
  expect(await start(async () => undefined)).toBe(true);
  expect(live.view().trouble).toBeUndefined();
});

test('what failed when a plan was carried out is shown while the dataset changes, until the choices change', async () => {
  const { live, start } = await planned();
  await start(() => Promise.reject(new UserError('disk-full', 'The disk is full.', 'Free some space.')));
  await live.again();
  expect(live.view().trouble).toMatchObject({ message: 'The disk is full.' });
  await live.change('b');
  expect(live.view()).toMatchObject({ report: 'plan of b' });
  expect(live.view().trouble).toBeUndefined();
});

test('a plan that was cancelled shows no trouble', async () => {
  const { live, start } = await planned();
  expect(await start(() => Promise.reject(new UserError('cancelled', 'Cancelled.', '')))).toBe(false);
  expect(live.view().trouble).toBeUndefined();
});

test('choices that can’t be planned are not carried out', async () => {
  const live = new LivePlan(
    async (choices: string) => {
      if (choices === 'b') throw new UserError('bad', 'No such choice.', '');
      return choices;
    },
    () => undefined,
    { choices: 'a', pauseMs: 0 },
  );
  await live.again();
  await live.change('b');
  expect(live.view()).toMatchObject({ report: 'a', trouble: { message: 'No such choice.' } });
  expect(await live.start(live.view().plan, async () => undefined)).toBe(false);
});
