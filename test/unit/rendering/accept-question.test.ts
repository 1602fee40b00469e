// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { AcceptQuestion } from '../../../webview/review/accept-question.ts';
import { Announcer } from '../../../webview/ui/announcer.ts';
import { chainOf, MemorySource } from '../review/chains.ts';

test('a chain that was graded incorrect since the question is asked about again', async () => {
  const incorrect = { ...chainOf('c'), verdict: { outcome: 'incorrect', method: 'number' } as const };
  const item = await new MemorySource([incorrect]).item('c');
  if (item === undefined) throw new Error('the chain is there');
  const announcer = new Announcer();
  const question = new AcceptQuestion(announcer, () => false);
  const later = (): number => performance.now() + 10_000;
  expect(question.allows({ ...item, isGrading: true }, 'accept', later())).toBe(false);
  expect(announcer.question.textContent).toBe(
    'Accept although not graded yet? Press A again, or Shift+W with a reason',
  );
  expect(question.allows(item, 'accept', later())).toBe(false);
  expect(announcer.question.textContent).toContain('graded incorrect');
  expect(question.allows(item, 'accept', later())).toBe(true);
});
