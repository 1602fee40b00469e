import { describe, expect, it } from 'vitest';
import { PlanSession, type PlanSource } from '../../../src/editor/sampling/session.ts';
import type { PlanPageChoices } from '../../../src/protocol/plan-page.ts';
import type { RoundPlace, SamplingPlanReport } from '../../../src/protocol/sampling.ts';

/** A source whose plans differ in their number of problems, and finish when the test resolves them. */
function scripted() {
  const asked: {
    choices: PlanPageChoices;
    signal: AbortSignal;
    finish: (problems: number, role?: 'base') => void;
    fail: (error: Error) => void;
  }[] = [];
  const started: [PlanPageChoices, RoundPlace | undefined][] = [];
  const source: PlanSource = {
    dataset: 'd',
    models: async () => ({ base: 'b', fineTuned: null }),
    plan: (choices, signal) =>
      new Promise((resolve, reject) => {
        const finish = (problems: number, role?: 'base'): void =>
          resolve({ problems, ...(role && { role }) } as SamplingPlanReport);
        asked.push({ choices, signal, finish, fail: reject });
      }),
    start: async (choices, place) => {
      started.push([choices, place]);
    },
  };
  const views: ReturnType<PlanSession['view']>[] = [];
  const session: PlanSession = new PlanSession(source, () => views.push(session.view()), 0);
  return { session, asked, started, views };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('the session of Plan Sampling Round', () => {
  it('shows the plan of the last change, whatever comes back late', async () => {
    const { session, asked } = scripted();
    void session.change({ problems: 1 });
    await settled();
    void session.change({ problems: 2 });
    await settled();
    expect(asked[0]?.signal.aborted).toBe(true);
    asked[1]?.finish(2);
    asked[0]?.finish(1);
    await settled();
    expect(session.view()).toMatchObject({ report: { problems: 2 }, planning: false, choices: { problems: 2 } });
  });

  it('keeps the model that it shows, though another is chosen meanwhile', async () => {
    const { session, asked } = scripted();
    void session.change({});
    await settled();
    asked[0]?.finish(1, 'base');
    await settled();
    void session.again();
    await settled();
    void session.change({ problems: 3 });
    await settled();
    void session.change({ role: 'fine-tuned' });
    await settled();
    expect(asked.map(({ choices }) => choices.role)).toEqual([undefined, 'base', 'base', 'fine-tuned']);
  });

  it('plans once for changes in quick succession', async () => {
    const { session, asked } = scripted();
    for (const problems of [1, 2, 3]) void session.change({ problems });
    await settled();
    expect(asked.map(({ choices }) => choices.problems)).toEqual([3]);
  });

  it('keeps the last plan beside what is wrong, and starts nothing then', async () => {
    const { session, asked, started } = scripted();
    void session.change({});
    await settled();
    asked[0]?.finish(7);
    await settled();
    void session.change({ budget: { money: 1 } });
    await settled();
    asked[1]?.fail(Object.assign(new Error('no prices'), { advice: 'Set them.' }));
    await settled();
    expect(session.view()).toMatchObject({
      report: { problems: 7 },
      trouble: { message: 'no prices', advice: 'Set them.' },
    });
    expect(await session.start(session.view().plan)).toBe(false);
    expect(started).toEqual([]);
  });

  it('starts what is shown, once, and nothing while a plan is in work', async () => {
    const { session, asked, started } = scripted();
    void session.change({ problems: 4 });
    await settled();
    expect(await session.start(session.view().plan)).toBe(false);
    asked[0]?.finish(4);
    await settled();
    const [first, second] = await Promise.all([session.start(1), session.start(1)]);
    expect([first, second]).toEqual([true, false]);
    expect(started).toEqual([[{ problems: 4 }, undefined]]);
  });

  it('shows that the plan changed in the moment of a press, until the next press or change', async () => {
    const { session, asked, started } = scripted();
    void session.change({ problems: 4 });
    await settled();
    asked[0]?.finish(4);
    await settled();
    const { plan } = session.view();
    void session.again();
    expect(await session.start(plan)).toBe(false);
    expect(session.view().missed).toBe(true);
    await settled();
    asked[1]?.finish(5);
    await settled();
    // A press that was on its way when the new plan came.
    expect(session.view()).toMatchObject({ missed: true, planning: false });
    expect(await session.start(plan)).toBe(false);
    expect(started).toEqual([]);
    void session.change({ problems: 6 });
    expect(session.view().missed).toBe(false);
    await settled();
    asked[2]?.finish(6);
    await settled();
    expect(await session.start(session.view().plan)).toBe(true);
    expect(session.view().missed).toBe(false);
    expect(started).toEqual([[{ problems: 6 }, undefined]]);
  });

  it('starts in the selected place, which does not plan again, and does not move after the start', async () => {
    const { session, asked, started } = scripted();
    void session.change({});
    await settled();
    asked[0]?.finish(7);
    await settled();
    const place = { engine: { engine: 'ray' as const, address: 'http://127.0.0.1:8265' }, batch: { shards: 2 } };
    session.moveTo({ place, shown: { title: 'Ray', detail: 'two', warning: 'open' } });
    expect(session.view()).toMatchObject({ place: { title: 'Ray', warning: 'open' }, planning: false });
    const starting = session.start(session.view().plan);
    session.moveTo(undefined);
    await starting;
    expect(started).toEqual([[{}, place]]);
    expect(asked.length).toBe(1);
  });

  it('ends the plan in work with the page', async () => {
    const { session, asked } = scripted();
    void session.change({});
    await settled();
    session.dispose();
    expect(asked[0]?.signal.aborted).toBe(true);
  });
});
