import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessRow, processesWith, processRow } from '../../src/system/process.ts';

const MARK = 'LONGHAND_TEST_RUN';
/** How long processes may take to end by themselves, and after SIGTERM. */
const GRACE_MS = 3000;

/** What one run of the tests has on this machine: a temporary folder, and the processes that inherited its mark. */
export class TestRun {
  readonly #folder: string;
  readonly #ended: string[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder. Processes started after this get it as their temporary folder, and the mark. */
  static async begin(): Promise<TestRun> {
    // Short, since paths of Unix sockets may have 107 characters.
    const folder = await mkdtemp(join(process.platform === 'win32' ? tmpdir() : '/tmp', 'lh-'));
    // Open to all like /tmp: slurmrestd and apt work in there as other users.
    if (process.platform !== 'win32') await chmod(folder, 0o1777);
    for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = folder;
    process.env[MARK] = folder;
    return new TestRun(folder);
  }

  /** What `endLeftovers` ended so far, each as `node serve.mjs (pid 123)`. */
  get ended(): readonly string[] {
    return this.#ended;
  }

  /** Ends what still runs of the tests that are over. Processes that are about to end have a moment for it. */
  async endLeftovers(): Promise<void> {
    for (const { pid } of await this.#leftAfterGrace()) {
      this.#ended.push(`${await describe(pid)} (pid ${pid})`);
      send(pid, 'SIGTERM');
    }
    for (const { pid } of await this.#leftAfterGrace()) send(pid, 'SIGKILL');
  }

  async removeFolder(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  async #leftAfterGrace(): Promise<ProcessRow[]> {
    const end = Date.now() + GRACE_MS;
    for (;;) {
      const pids = (await processesWith(MARK, this.#folder)).filter((pid) => pid !== process.pid);
      const rows = (await Promise.all(pids.map(processRow))).filter((row) => row !== undefined);
      if (rows.length === 0 || Date.now() > end) return rows;
      await sleep(100);
    }
  }
}

/** The program and the script or first argument that it runs, without their folders. */
async function describe(pid: number): Promise<string> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const [program = '', ...args] = command.split('\0').filter((word) => word !== '');
  const argument = args.find((word) => !word.startsWith('-'));
  return (
    [program, ...(argument === undefined ? [] : [argument])].map((word) => basename(word)).join(' ') || 'a process'
  );
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
