import { expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { confirmPlan, uploadWith } from '../../../src/editor/export/confirmation.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { l10n } from './l10n.ts';

const PLAN: VerbResult<'publish'> = {
  ...{ repo: 'owner/set', host: 'hub', url: 'https://hub/datasets/owner/set', visibility: 'private', exists: true },
  ...{ licence: 'other', rows: 1, files: [{ path: 'README.md', bytes: 1, state: 'new' }], others: 0, statements: [] },
  ...{ sensitive: [], sensitiveCount: 0, card: '/cache/README.md', confirm: '1' },
};

/** Confirms with these answers, in their order. */
async function confirmed(plan: Partial<typeof PLAN>, mayBePublic: boolean, answers: readonly (string | undefined)[]) {
  const asked: { question: string; buttons: readonly string[] }[] = [];
  const cards: string[] = [];
  const isConfirmed = await confirmPlan({ ...PLAN, ...plan }, mayBePublic, {
    l10n,
    ask: async (question, _detail, buttons) => answers[asked.push({ question, buttons }) - 1],
    showCard: async (path) => cards.push(path),
  });
  return { isConfirmed, asked, cards };
}

test('the plan is asked again after its card', async () => {
  const { isConfirmed, asked, cards } = await confirmed({}, false, ['Show Card', 'Show Card', 'Upload']);
  expect(isConfirmed).toBe(true);
  expect(cards).toEqual([PLAN.card, PLAN.card]);
  expect(asked[2]).toEqual({ question: 'Upload 1 file to owner/set?', buttons: ['Upload', 'Show Card'] });
  expect((await confirmed({}, false, ['Show Card', undefined])).isConfirmed).toBe(false);
});

test('an upload with keys is not the default, and a public repository that was not chosen offers none', async () => {
  const sensitive = { sensitiveCount: 2, blocked: 'Give --allow-sensitive.' };
  expect((await confirmed(sensitive, false, ['Upload Anyway'])).asked[0]?.buttons).toEqual([
    'Show Card',
    'Upload Anyway',
  ]);
  const open = { ...sensitive, visibility: 'public' as const, blocked: 'Give --public.' };
  const { isConfirmed, asked } = await confirmed(open, false, ['Upload Anyway']);
  expect(asked).toEqual([
    { question: expect.stringMatching(/^owner\/set is public\. (?!.*--)/), buttons: ['Show Card'] },
  ]);
  expect(isConfirmed).toBe(false);
  expect((await confirmed(open, true, ['Upload Anyway'])).isConfirmed).toBe(true);
});

test('a token is stored after the upload, and deleted when the hub refuses it', async () => {
  const kept: string[] = [];
  const store = { set: async (token: string) => void kept.push(token), delete: async () => void kept.push('deleted') };
  const fail = (kind: string) => async () => {
    expect(kept).toEqual([]);
    throw new UserError(kind, 'The hub refuses.', 'Use another.');
  };
  await expect(uploadWith('hf_a', fail('unreachable'), store, l10n)).rejects.toMatchObject({ advice: 'Use another.' });
  expect(kept).toEqual([]);
  const advice = expect.stringContaining('asks for one next time');
  await expect(uploadWith('hf_a', fail('bad-token'), store, l10n)).rejects.toMatchObject({ advice });
  expect(kept.splice(0)).toEqual(['deleted']);
  expect(await uploadWith('hf_a', async () => kept.length, store, l10n)).toBe(0);
  expect(kept).toEqual(['hf_a']);
});
