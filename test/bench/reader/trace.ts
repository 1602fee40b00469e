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

/** The browser did not trace, which happens on a busy machine: the measurement must be repeated. */
class TraceFailed extends Error {}

/** How long the browser may take to begin or to end a trace, in milliseconds. */
const PATIENCE = 60_000;

/** Starts a browser trace of tasks. @throws {TraceFailed} */
export async function startTrace(browser: Browser): Promise<CDPSession> {
  const session = await browser.newBrowserCDPSession();
  try {
    await within(
      session.send('Tracing.start', {
        transferMode: 'ReportEvents',
        traceConfig: {
          includedCategories: [
            'toplevel',
            'blink.user_timing',
            'devtools.timeline',
            'disabled-by-default-devtools.timeline',
          ],
        },
      }),
    );
    return session;
  } catch (error) {
    await session.detach().catch(() => undefined);
    throw new TraceFailed(`The trace did not begin: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Longest task in milliseconds: by the clock, and by the processor time that it used (what a busy machine does not stretch). */
export interface Longest {
  wall: number;
  cpu: number;
  /** The named steps of the task that used most processor time, with their milliseconds: `Layout 12`. Steps may nest. */
  steps: string;
}

/** Measures again what the browser failed to trace, three times at most. */
export async function traced<T>(measuring: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await measuring();
    } catch (error) {
      if (!(error instanceof TraceFailed) || tries === 3) throw error;
      console.log(`${error.message} Measured again.`);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}

/** Ends the trace; the longest tasks on the thread that set the mark `MARK`, from that mark on. @throws {TraceFailed} */
export async function longestTask(session: CDPSession): Promise<Longest> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const done = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()));
  try {
    await within(session.send('Tracing.end').then(() => done));
  } catch (error) {
    throw new TraceFailed(`The trace did not end: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await session.detach().catch(() => undefined);
  }
  const mark = events.find(({ name }) => name === MARK);
  if (mark === undefined) throw new TraceFailed(`The traced page did not set the mark ${MARK}.`);
  const tasks = events.filter(
    ({ ph, pid, tid, ts, name }) =>
      ph === 'X' && pid === mark.pid && tid === mark.tid && ts >= mark.ts && /RunTask$/.test(name),
  );
  return {
    wall: Math.max(0, ...tasks.map(({ dur = 0 }) => dur / 1000)),
    cpu: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000)),
    steps: stepsOf(
      tasks.reduce((a, b) => ((b.tdur ?? 0) > (a.tdur ?? 0) ? b : a)),
      events,
    ),
  };
}

/** The largest steps inside of a task. */
function stepsOf({ pid, tid, ts, dur = 0 }: TraceEvent, events: readonly TraceEvent[]): string {
  const sums = new Map<string, number>();
  for (const event of events) {
    const inside = event.pid === pid && event.tid === tid && event.ts >= ts && event.ts < ts + dur;
    if (!inside || event.ph !== 'X' || /RunTask$/.test(event.name)) continue;
    sums.set(event.name, (sums.get(event.name) ?? 0) + (event.tdur ?? 0) / 1000);
  }
  const largest = [...sums].sort(([, a], [, b]) => b - a).slice(0, 6);
  return largest.map(([name, spent]) => `${name} ${spent.toFixed(0)}`).join(', ');
}

/** Rejects when it takes longer than `PATIENCE`. */
async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
