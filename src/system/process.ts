import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Whether a process with this id runs on this machine; one of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  // In a container, a killed process may stay a zombie.
  return !isZombie(statOf(pid)?.state);
}

/** Start of a process in clock ticks since boot, since pids are reused. Undefined except on Linux. */
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

/** A process by Linux's `/proc`; undefined when there is none, and on other systems. */
function statOf(pid: number): ProcessStat | undefined {
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

function isZombie(state: string | undefined): boolean {
  return state !== undefined && /^[ZX]/.test(state);
}

/** Why a program could not be started, as a sentence. */
export function startProblem(program: string, error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `Program “${program}” not found.`;
  if (code === 'EACCES') return `“${program}” is not executable.`;
  return `“${program}” could not be started: ${error.message}.`;
}

const runFile = promisify(execFile);
const LIMIT = { timeout: 30_000, maxBuffer: 64 * 1024 * 1024, windowsHide: true };

/** A process; `start` distinguishes it from a later one with the same pid. */
export interface ProcessId {
  pid: number;
  /** Start time in the format of the system. */
  start: string;
}

export interface ProcessRow extends ProcessId {
  parent: number;
  /** Process group; on Windows the pid. */
  group: number;
  session: number;
}

/** All running processes of this machine by pid, without zombies. */
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

/** Whether the same process still runs. */
export async function lives(id: ProcessId): Promise<boolean> {
  return (await processRow(id.pid))?.start === id.start;
}

function fromProc(pid: number): ProcessRow | undefined {
  const stat = statOf(pid);
  if (!stat || isZombie(stat.state)) return undefined;
  // Ticks since boot are ambiguous after the next boot.
  return { pid, parent: stat.parent, group: stat.group, session: stat.session, start: `${bootId()}.${stat.start}` };
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  return boot;
}

async function fromPs(): Promise<ProcessRow[]> {
  const env = { ...process.env, LC_ALL: 'C' };
  const { stdout } = await runFile('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], { ...LIMIT, env });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
    if (!match || isZombie(match[4])) return [];
    const group = Number(match[3]);
    // `sess` is a pointer on macOS, so the group is used as the session.
    return [{ pid: Number(match[1]), parent: Number(match[2]), group, session: group, start: match[5] ?? '' }];
  });
}

async function fromWindows(): Promise<ProcessRow[]> {
  const query =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CreationDate.Ticks)" }';
  const { stdout } = await runFile('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query], LIMIT);
  return stdout.split('\n').flatMap((line) => {
    const match = /^(\d+) (\d+) (\d+)\s*$/.exec(line);
    if (!match) return [];
    const pid = Number(match[1]);
    return [{ pid, parent: Number(match[2]), group: pid, session: pid, start: match[3] ?? '' }];
  });
}

/**
 * Ids of the processes that have this environment variable, where the system shows environments. Children inherit it, also in a new
 * session.
 */
export async function processesWith(name: string, value: string): Promise<number[]> {
  if (process.platform === 'linux') {
    const entry = Buffer.from(`\0${name}=${value}\0`);
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && environOf(pid).includes(entry));
  }
  if (process.platform !== 'darwin') return [];
  const { stdout } = await runFile('ps', ['-axwwE', '-o', 'pid=,command='], LIMIT);
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
