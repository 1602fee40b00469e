import { readdir, readFile } from 'node:fs/promises';

/** CPU seconds of the threads of a process: the one that makes the calls, the grading worker, and V8's and libuv's own (compiling, garbage, files). */
export interface ThreadTimes {
  main: number;
  grading: number;
  others: number;
}

const TICKS_PER_SECOND = 100;
const EVERY_MS = 50;

/**
 * Watches a process from outside, without cost for it, until it ends. @returns undefined without /proc. What a thread does in the
 * last 50 ms of its life is missed.
 */
export async function watchThreads(pid: number): Promise<ThreadTimes | undefined> {
  const seen = new Map<string, { name: string; seconds: number }>();
  for (;;) {
    const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
    if (tasks.length === 0) break;
    for (const task of tasks) {
      const stat = await readFile(`/proc/${pid}/task/${task}/stat`, 'utf8').catch(() => '');
      const close = stat.lastIndexOf(')');
      if (close < 0) continue;
      const [user, system] = stat
        .slice(close + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      const seconds = ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND;
      seen.set(task, { name: stat.slice(stat.indexOf('(') + 1, close), seconds });
    }
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
  if (seen.size === 0) return undefined;
  const times = { main: 0, grading: 0, others: 0 };
  for (const [task, { name, seconds }] of seen) {
    times[task === String(pid) ? 'main' : name === 'grading' ? 'grading' : 'others'] += seconds;
  }
  return times;
}
