import { describe, expect, test } from 'vitest';
import { RoundSummary } from '../../../src/core/schemas/index.ts';
import { type Behaviour, behave } from '../../fixtures/behaviour.ts';
import { datasetFor, journalOf, serve, sums } from '../../fixtures/scripted-dataset.ts';
import { open, run } from '../../unit/verbs/run.ts';

// The servers are SCRIPTED: a real server can't be made to ignore `n` between a check and a round.

const PROBLEMS = 4;

type Knows = NonNullable<Behaviour['n']>;

/** A dataset whose model was checked as `checked` and behaves as `now`. */
async function setUp(checked: Knows | 'never', now: Knows = 'honoured') {
  let n = checked === 'never' ? now : checked;
  const server = await serve((request, index) => behave({ passRate: 0.5, n })(request, index, 1));
  const dataset = await datasetFor(server, sums(PROBLEMS));
  if (checked !== 'never') await run('check-endpoint', { dataset });
  n = now;
  const before = server.received.length;
  return {
    ...{ dataset, server },
    /** How many choices each request of the round asked for; 1 where it had no `n`. */
    asked: () => server.received.slice(before).map(({ body }) => Number(body.n ?? 1)),
  };
}

async function settingsOf(dataset: string, change: Parameters<Awaited<ReturnType<typeof open>>['saveSettings']>[0]) {
  const opened = await open(dataset);
  await opened.saveSettings(change);
  await opened.close();
}

describe('several samples in one request, with no configured number', () => {
  test('a dialogue round requests candidates of an answer together once a check has found that n is respected', async () => {
    const { dataset, asked } = await setUp('honoured');
    const { round } = RoundSummary.parse(await run('generate', { dataset, problems: PROBLEMS }));
    const journal = await journalOf(dataset, round);
    const answers = journal.filter(({ piece }) => piece.startsWith('answer'));
    // Half of the four that may be in flight.
    expect(answers.every(({ choice }) => choice?.of === 2)).toBe(true);
    expect(asked().filter((n) => n === 2)).toHaveLength(answers.length / 2);
    expect(answers.length).toBe(PROBLEMS * (8 + 4));
    // Each sample has its own seed and key, as in a request of its own.
    expect(new Set(answers.map(({ request }) => request.seed)).size).toBe(answers.length);
    expect(new Set(journal.map(({ key }) => key)).size).toBe(journal.length);
    expect(journal.filter(({ piece }) => !piece.startsWith('answer')).every(({ choice }) => !choice)).toBe(true);
  }, 60_000);

  test('a sampling round does so too, and its plan counts the requests', async () => {
    const { dataset, asked } = await setUp('honoured');
    const policy = { policy: 'cascade', stages: [4] };
    const plan = await run('plan-sampling', { dataset, policy, concurrency: 8 });
    expect(plan.settings.samplesPerRequest).toBe(4);
    expect(plan.total).toMatchObject({ samples: 4 * PROBLEMS, requests: PROBLEMS });
    await run('sample-round', { dataset, policy, concurrency: 8 });
    expect(asked()).toEqual(Array(PROBLEMS).fill(4));
  }, 60_000);

  test.each(['never', 'ignored', 'refused'] as const)(
    'samples are requested one by one where n was %s',
    async (checked) => {
      const { dataset, asked } = await setUp(checked);
      await run('generate', { dataset, problems: 1 });
      const { settings } = await run('plan-sampling', { dataset });
      expect(settings.samplesPerRequest).toBe(1);
      expect(new Set(asked())).toEqual(new Set([1]));
    },
    60_000,
  );

  test.each(['ignored', 'refused'] as const)(
    'a server that no longer supports n (%s) gets single requests, and no sample is missing',
    async (now) => {
      const { dataset, asked } = await setUp('honoured', now);
      const { round } = RoundSummary.parse(await run('generate', { dataset, problems: PROBLEMS }));
      const answers = (await journalOf(dataset, round)).filter(({ piece }) => piece.startsWith('answer'));
      expect(answers.length).toBe(PROBLEMS * (8 + 4));
      // Requests that were in flight before the first reply.
      expect(asked().filter((n) => n > 1).length).toBeLessThanOrEqual(4);
    },
    60_000,
  );

  test('a number set in the dataset is used, whatever the check found', async () => {
    const { dataset, asked } = await setUp('honoured');
    const opened = await open(dataset);
    const { dialogue, sampling } = opened.settings;
    await opened.close();
    await settingsOf(dataset, {
      dialogue: { ...dialogue, samplesPerRequest: 1 },
      sampling: { ...sampling, samplesPerRequest: 3 },
    });
    await run('generate', { dataset, problems: 1 });
    expect(new Set(asked())).toEqual(new Set([1]));
    expect((await run('plan-sampling', { dataset })).settings.samplesPerRequest).toBe(3);
  }, 60_000);
});
