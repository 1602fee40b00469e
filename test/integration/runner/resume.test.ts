import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chain, RoundSummary } from '../../../src/core/schemas/index.ts';
import { RunnerState } from '../../../src/protocol/runner.ts';
import { Dataset } from '../../../src/store/index.ts';
import { type Scripted, type ScriptedServer, startScriptedServer } from '../../fixtures/server.ts';
import { alive, until } from './processes.ts';

const CLI = resolve('dist/cli.mjs');
const PROBLEMS = 6;

/** Answers by the request: the first answer is wrong, the check finds the error, the second answer is right. */
function reply(body: Record<string, unknown>): Scripted {
  const messages = body.messages as { content: string }[];
  const asked = messages.at(-1)?.content ?? '';
  const sum = /What is (\d+) \+ (\d+)\?/.exec(asked);
  const right = Number(sum?.[1]) + Number(sum?.[2]);
  if (asked.includes('Check whether'))
    return { content: 'Adding the numbers once more gives something else.\nVerdict: wrong' };
  if (asked.includes('work on it so far'))
    return { content: `Going back from the total to the parts works. \\boxed{${right}}` };
  if (asked.includes('not the most obvious')) return { content: `Counting up in ones, I arrive at \\boxed{${right}}.` };
  return { content: `First I need to add the two numbers, so \\boxed{${right - 1}}.` };
}

describe('a round in its own process', () => {
  let folder: string;
  let server: ScriptedServer;
  let dataset: Dataset;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-round-'));
    server = await startScriptedServer((request) => ({ ...reply(request.body), latencyMs: 60 }));
    dataset = await Dataset.create(folder, { name: 'test', mediaFolder: resolve('media') });
    await dataset.saveSettings({ model: { kind: 'openai', baseURL: server.baseURL, model: 'scripted' } });
    const rows = Array.from({ length: PROBLEMS }, (_, i) => ({
      id: `p${i}`,
      problem: `What is ${i + 2} + ${i + 3}?`,
      answer: String(2 * i + 5),
    }));
    const file = join(folder, 'import-me.jsonl');
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await longhand('import', { file });
  });
  afterEach(async () => {
    await dataset.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('resumes after kill -9 without paying twice, with the result of an uninterrupted round', async () => {
    const { round, pid } = await longhand<{ round: string; pid: number }>('generate', {
      problems: PROBLEMS,
      detach: true,
      seed: 7,
    });
    await until(async () => (await journal(round)).length >= 20);
    // The state is written twice a second: a fast first run may not have recorded its time yet.
    await until(async () => {
      const { startedAt, updatedAt } = await runner(round);
      return Date.parse(updatedAt) > Date.parse(startedAt);
    });
    process.kill(pid, 'SIGKILL');
    await until(async () => !alive(pid));
    const before = await journal(round);
    const { startedAt, updatedAt } = await runner(round);
    const secondsOfFirstRun = (Date.parse(updatedAt) - Date.parse(startedAt)) / 1000;
    expect(secondsOfFirstRun).toBeGreaterThan(0);
    const receivedBefore = server.received.length;
    expect((await longhand<{ rounds: { round: string; state: string }[] }>('status', {})).rounds).toContainEqual(
      expect.objectContaining({ round, state: 'interrupted' }),
    );

    const summary = RoundSummary.parse(await longhand('resume', { round }));
    const after = await journal(round);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map((line) => line.key)).size).toBe(after.length);
    // Only calls that were in flight when the runner died are made again.
    expect(server.received.length - receivedBefore).toBe(after.length - before.length);
    expect(summary.calls).toBe(after.length);
    // The time of the first run counts too.
    expect((await runner(round)).secondsBefore).toBeCloseTo(secondsOfFirstRun, 5);
    expect(summary.seconds).toBeGreaterThan(secondsOfFirstRun);
    expect(summary.kept).toEqual({ FT: PROBLEMS * 3, TT: 0, TF: 0, FF: 0 });
    // A chain is written when it is made, and again at the end of the round, when its length can be compared with others.
    const chains = await chainLines(round);
    const made = chains.slice(0, PROBLEMS * 3);
    const banded = chains.slice(PROBLEMS * 3);
    expect(new Set(made.map(({ id }) => id)).size).toBe(PROBLEMS * 3);
    const withoutBand = banded.map((chain) => ({
      ...chain,
      filters: chain.filters.filter(({ id }) => id !== 'length-band'),
    }));
    expect(withoutBand).toEqual(made);
    expect(banded.every(({ filters }) => filters.some(({ id }) => id === 'length-band'))).toBe(true);

    const again = RoundSummary.parse(await longhand('resume', { round }));
    expect(again.kept).toEqual(summary.kept);
    expect((await journal(round)).length).toBe(after.length);
    expect(await chainLines(round)).toEqual(chains);
  }, 60_000);

  it('stops when cancelled, reports that, and can be resumed', async () => {
    const { round } = await longhand<{ round: string }>('generate', { problems: PROBLEMS, detach: true });
    await until(async () => (await journal(round)).length >= 5);
    expect(await longhand('cancel', { round })).toEqual({ round, state: 'cancelled' });
    const stopped = server.received.length;
    await new Promise((done) => setTimeout(done, 300));
    expect(server.received.length).toBe(stopped);
    expect(RoundSummary.parse(await longhand('resume', { round })).chains).toBe(PROBLEMS * 3);
  }, 60_000);

  it('fails with advice when the server can’t be reached', async () => {
    await server.close();
    const { round, pid } = await longhand<{ round: string; pid: number }>('generate', { problems: 1, detach: true });
    await until(async () => !alive(pid), 50_000);
    const state = await runner(round);
    expect(state.state).toBe('failed');
    expect(state.message).toMatch(/Is the server running/);
  }, 60_000);

  async function longhand<T = unknown>(verb: string, args: Record<string, unknown>): Promise<T> {
    const { stdout } = await runCli(verb, { dataset: folder, ...args });
    return JSON.parse(stdout) as T;
  }

  async function runner(round: string): Promise<RunnerState> {
    return RunnerState.parse(JSON.parse(await readFile(join(folder, 'rounds', round, 'runner.json'), 'utf8')));
  }

  async function chainLines(round: string): Promise<Chain[]> {
    const text = await readFile(join(folder, 'rounds', round, 'chains.jsonl'), 'utf8');
    return wholeLines(text).map((line) => Chain.parse(line));
  }

  async function journal(round: string): Promise<{ key: string }[]> {
    const text = await readFile(join(folder, 'rounds', round, 'journal.jsonl'), 'utf8').catch(() => '');
    return wholeLines(text) as { key: string }[];
  }
});

/** The complete lines of a writer. SIGKILL can end a write between two pages of memory, which leaves an incomplete JSON line. */
function wholeLines(text: string): unknown[] {
  const lines = text.split('\n').slice(0, -1);
  const whole = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
  expect(lines.length - whole.length).toBeLessThanOrEqual(1);
  return whole;
}

function runCli(verb: string, args: object): Promise<{ stdout: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [CLI, verb, '--args-json', '-', '--json'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('close', (code) =>
      code === 0 ? done({ stdout }) : fail(new Error(`${verb} exited ${code}: ${stdout}\n${stderr}`)),
    );
    child.stdin.end(JSON.stringify(args));
  });
}
