import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ProcessId, type ProcessRow, processesWith, processTable } from '../../system/process.ts';
import { MARK_VARIABLE } from './state.ts';

const POLL_MS = 100;
/** Only a process that hangs in the kernel survives SIGKILL this long. */
const KILL_LIMIT_MS = 20_000;

export interface Roots {
  mark: string;
  /** The command's process, if known. */
  process?: ProcessId | undefined;
  /** Its supervisor, if alive: then the command's process group belongs to the job even after that process has ended. */
  supervisor?: ProcessId | undefined;
}

/**
 * The processes of a job. A child is found by its parent, by the command's process group and session, or by the mark in its
 * environment, which survives a new session. Found processes are remembered, since an orphan loses its parent.
 */
export class JobTree {
  readonly #roots: Roots;
  readonly #known = new Map<number, string>();

  constructor(roots: Roots) {
    this.#roots = roots;
    if (roots.process) this.#known.set(roots.process.pid, roots.process.start);
  }

  /** The running processes. */
  async living(): Promise<ProcessRow[]> {
    const marked = await processesWith(MARK_VARIABLE, this.#roots.mark);
    const table = await processTable();
    const found = new Map<number, ProcessRow>();
    const add = (row: ProcessRow | undefined): void => {
      if (row && row.pid !== process.pid) found.set(row.pid, row);
    };
    for (const pid of marked) add(table.get(pid));
    for (const [pid, start] of this.#known) if (table.get(pid)?.start === start) add(table.get(pid));
    const group = this.#ownGroup(table);
    for (let before = -1; before < found.size; ) {
      before = found.size;
      for (const row of table.values()) {
        const belongs = found.has(row.parent) || (group !== undefined && [row.group, row.session].includes(group));
        if (belongs) add(row);
      }
    }
    for (const { pid, start } of found.values()) this.#known.set(pid, start);
    return [...found.values()];
  }

  /** The group that the command leads. Without a supervisor, its number may have been reused. */
  #ownGroup(table: ReadonlyMap<number, ProcessRow>): number | undefined {
    const { process: command, supervisor } = this.#roots;
    if (!command || process.platform === 'win32') return undefined;
    const leader = table.get(command.pid);
    if (leader) return leader.start === command.start ? command.pid : undefined;
    return supervisor && table.get(supervisor.pid)?.start === supervisor.start ? command.pid : undefined;
  }

  /**
   * Sends SIGTERM to all, and after the grace period kills those that remain or were started since.
   * @returns how many there were.
   * @throws Error when one can't be ended; its message is for the user.
   */
  async end(graceSeconds: number): Promise<number> {
    const asked = new Set<number>();
    let since = Date.now();
    let rows = await this.living();
    for (; rows.length > 0 && Date.now() - since < graceSeconds * 1000; rows = await this.living()) {
      for (const row of rows.filter(({ pid }) => !asked.has(pid))) {
        asked.add(row.pid);
        // Windows can only kill a process without a window.
        if (process.platform !== 'win32') send(row.pid, 'SIGTERM');
      }
      if (process.platform === 'win32') break;
      await sleep(POLL_MS);
    }
    since = Date.now();
    for (; rows.length > 0; rows = await this.living()) {
      for (const { pid } of rows) {
        asked.add(pid);
        await kill(pid);
      }
      if (Date.now() - since > KILL_LIMIT_MS) {
        throw new Error(`Process ${rows.map(({ pid }) => pid).join(', ')} of the job can't be ended.`);
      }
      await sleep(POLL_MS / 2);
    }
    return asked.size;
  }
}

async function kill(pid: number): Promise<void> {
  if (process.platform !== 'win32') return send(pid, 'SIGKILL');
  // Failures show up in the process table.
  await promisify(execFile)('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true }).catch(() => {});
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
