import type { Browser, CDPSession } from 'playwright-core';

/** Set by the page where measuring begins. */
export const MARK = 'reader-bench';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
}

/** Starts a browser trace of tasks. */
export async function startTrace(browser: Browser): Promise<CDPSession> {
  const session = await browser.newBrowserCDPSession();
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'blink.user_timing', 'disabled-by-default-devtools.timeline'] },
  });
  return session;
}

/** Longest task in milliseconds: by the clock, and by the processor time that it used (what a busy machine does not stretch). */
export interface Longest {
  wall: number;
  cpu: number;
}

/** Ends the trace; the longest tasks on the thread that set the mark `MARK`, from that mark on. */
export async function longestTask(session: CDPSession): Promise<Longest> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const done = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  await session.send('Tracing.end');
  await done;
  await session.detach();
  const mark = events.find(({ name }) => name === MARK);
  if (mark === undefined) throw new Error(`The traced page did not set the mark ${MARK}.`);
  const tasks = events.filter(
    ({ ph, pid, tid, ts, name }) =>
      ph === 'X' && pid === mark.pid && tid === mark.tid && ts >= mark.ts && /RunTask$/.test(name),
  );
  return {
    wall: Math.max(0, ...tasks.map(({ dur = 0 }) => dur / 1000)),
    cpu: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000)),
  };
}
