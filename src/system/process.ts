import { readFileSync } from 'node:fs';

/** Whether a process with this id runs on this machine; one of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  // In a container nobody may collect what a killed process leaves: its id stays taken, though it does nothing any more.
  return !isZombie(statOf(pid)?.state);
}

/** When a process began, in clock ticks since boot: a pid alone is used again. Only Linux tells it cheaply; undefined elsewhere. */
export function processStart(pid: number): string | undefined {
  return statOf(pid)?.start;
}

export interface ProcessStat {
  state: string;
  parent: number;
  group: number;
  session: number;
  /** Clock ticks since boot. */
  start: string;
}

/** What Linux's `/proc` says of a process; undefined when there is none, and on other systems. */
export function statOf(pid: number): ProcessStat | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      state: fields[0] ?? '',
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      start: fields[19] ?? '',
    };
  } catch {
    return undefined;
  }
}

export function isZombie(state: string | undefined): boolean {
  return state !== undefined && /^[ZX]/.test(state);
}
