import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds for which a page waits for the place that was asked for: a page that shows another chain first would jump. */
const SOON_MS = 300;

/** Whether a promise is not settled soon. */
export async function late(work: Promise<unknown>): Promise<boolean> {
  const done = work.then(
    () => false,
    () => false,
  );
  return Promise.race([done, delay(SOON_MS, true)]);
}

/**
 * Shows a page at the chain that was asked for. If that is found late or not at all, the page starts without it.
 * @param finding Undefined if none was asked for.
 * @param show Undefined if the page was closed meanwhile.
 * @param arrive Called for a page that starts without the chain, which `finding` may still find.
 */
export async function startAt<Page>(
  finding: Promise<string | undefined> | undefined,
  show: (chainId: string | undefined) => Page | undefined,
  arrive: (page: Page) => void,
): Promise<Page | undefined> {
  if (finding === undefined) return show(undefined);
  const soon = (await late(finding)) ? undefined : await finding.catch(() => undefined);
  const page = show(soon);
  if (page !== undefined && soon === undefined) arrive(page);
  return page;
}
