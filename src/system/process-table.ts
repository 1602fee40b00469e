import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isZombie, statOf } from './process.ts';

const execute = promisify(execFile);
const LIMIT = { timeout: 30_000, maxBuffer: 64 * 1024 * 1024, windowsHide: true };

/** A process that cannot be taken for a later one with the same pid: `start` says when it began, in words of the system. */
export interface ProcessId {
  pid: number;
  start: string;
}

export interface ProcessRow extends ProcessId {
  parent: number;
  /** Process group; on Windows the pid. */
  group: number;
  session: number;
}

/** All living processes of this machine by pid; what has ended and was not collected is left out. */
export async function processTable(): Promise<Map<number, ProcessRow>> {
  const rows =
    process.platform === 'linux'
      ? (await readdir('/proc')).map(Number).filter(Number.isInteger).map(fromProc)
      : process.platform === 'win32'
        ? await fromWindows()
        : await fromPs();
  return new Map(rows.flatMap((row) => (row ? [[row.pid, row]] : [])));
}

/** The process that has this pid now. */
export async function processRow(pid: number): Promise<ProcessRow | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : (await processTable()).get(pid);
}

/** Whether the same process still lives. */
export async function lives(id: ProcessId): Promise<boolean> {
  return (await processRow(id.pid))?.start === id.start;
}

function fromProc(pid: number): ProcessRow | undefined {
  const stat = statOf(pid);
  if (!stat || isZombie(stat.state)) return undefined;
  // Ticks since boot say little after the next boot.
  return { pid, parent: stat.parent, group: stat.group, session: stat.session, start: `${bootId()}.${stat.start}` };
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return boot;
}

async function fromPs(): Promise<ProcessRow[]> {
  const env = { ...process.env, LC_ALL: 'C' };
  const { stdout } = await execute('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], { ...LIMIT, env });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    if (!match || isZombie(match[4])) return [];
    const group = Number(match[3]);
    // `sess` is a pointer there: the group stands for the session.
    return [{ pid: Number(match[1]), parent: Number(match[2]), group, session: group, start: match[5] ?? '' }];
  });
}

async function fromWindows(): Promise<ProcessRow[]> {
  const query =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CreationDate.Ticks)" }';
  const { stdout } = await execute('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query], LIMIT);
  return stdout.split('\n').flatMap((line) => {
    const match = /^(\d+) (\d+) (\d+)\s*$/.exec(line);
    if (!match) return [];
    const pid = Number(match[1]);
    return [{ pid, parent: Number(match[2]), group: pid, session: pid, start: match[3] ?? '' }];
  });
}

/**
 * Ids of the processes in whose environment a variable has this value, as far as the system shows environments: a mark that
 * children inherit, also those that left their parent and its session.
 */
export async function processesWith(name: string, value: string): Promise<number[]> {
  if (process.platform === 'linux') {
    const entry = Buffer.from(`\0${name}=${value}\0`);
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && environOf(pid).includes(entry));
  }
  if (process.platform !== 'darwin') return [];
  const { stdout } = await execute('ps', ['-axwwE', '-o', 'pid=,command='], LIMIT);
  const entry = ` ${name}=${value}`;
  return stdout.split('\n').flatMap((line) => (line.includes(entry) ? [Number.parseInt(line, 10)] : []));
}

function environOf(pid: number): Buffer {
  try {
    return Buffer.concat([Buffer.of(0), readFileSync(`/proc/${pid}/environ`)]);
  } catch {
    // It has ended, or is another user's.
    return Buffer.alloc(0);
  }
}
