import { expect, test } from 'vitest';
import { startAt } from '../../../src/editor/files/start-at.ts';

/** What happened, in order. */
async function started(finding: Promise<string | undefined> | undefined): Promise<string[]> {
  const events: string[] = [];
  const show = (chainId: string | undefined): string => {
    events.push(`shown at ${chainId ?? 'its start'}`);
    return 'page';
  };
  await startAt(finding, show, (page) => events.push(`${page} arrives later`));
  return events;
}

test('a page is shown while the chain that was asked for is still being found', async () => {
  const never = new Promise<string>(() => {});
  expect(await started(never)).toEqual(['shown at its start', 'page arrives later']);
});

test('a page starts at a chain that is found soon, and does not jump', async () => {
  expect(await started(Promise.resolve('7'))).toEqual(['shown at 7']);
  expect(await started(undefined)).toEqual(['shown at its start']);
});

test('a page is shown too if there is no such chain, or if the file can’t be read', async () => {
  const shown = ['shown at its start', 'page arrives later'];
  expect(await started(Promise.resolve(undefined))).toEqual(shown);
  expect(await started(Promise.reject(new Error('torn')))).toEqual(shown);
});

test('a page that was closed meanwhile is not shown', async () => {
  const arrive = () => {
    throw new Error('shown');
  };
  expect(await startAt(Promise.reject(new Error('closed')), () => undefined, arrive)).toBeUndefined();
});
