import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { JudgeSummary } from '../../../src/protocol/judge.ts';
import type { Dataset } from '../../../src/store/index.ts';
import { type ScriptedServer, startScriptedServer } from '../../fixtures/server.ts';
import { answerTo, CLI, datasetOf, judgeAt, textOf } from '../../unit/judge/dataset.ts';

// The server of these tests is SCRIPTED: there is no model behind it.
const KEY = 'sk-this-must-stand-in-no-file';
const CHAINS = 6;
const WINDOWS = 3 * CHAINS;

let server: ScriptedServer;
let dataset: Dataset;

afterEach(async () => {
  await dataset.close();
  await server.close();
});

async function begin(): Promise<void> {
  server = await startScriptedServer((request) => ({ ...answerTo(request), latencyMs: 60 }));
  dataset = await datasetOf(
    Object.fromEntries(Array.from({ length: CHAINS }, (_, i) => [`c${i}`, textOf(`c${i}`, 30)])),
  );
  await dataset.saveSettings({ judge: judgeAt(server.baseURL) });
}

function judge(): { child: ChildProcess; ended: Promise<{ code: number | null; stdout: string; stderr: string }> } {
  const child = spawn(process.execPath, [CLI, 'judge', dataset.folder, '--json', '--progress', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LONGHAND_API_KEY: KEY, LONGHAND_API_HOST: server.host },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}

async function journaled(): Promise<string[]> {
  const text = await readFile(dataset.judgeJournal, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { key: string }).key);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('what was waited for did not happen');
}

it('resumes after kill -9 without paying twice, and leaves no key in any file', async () => {
  await begin();
  const killed = judge();
  await until(async () => (await journaled()).length >= 5);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const before = await journaled();
  const receivedBefore = server.received.length;
  expect(before.length).toBeLessThan(WINDOWS);

  const { code, stdout, stderr } = await judge().ended;
  expect([code, stderr.includes(KEY)]).toEqual([0, false]);
  const summary = JudgeSummary.parse((JSON.parse(stdout) as { summary: unknown }).summary);
  const after = await journaled();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(new Set(after).size).toBe(after.length);
  expect(after).toHaveLength(WINDOWS);
  // Only calls that were in flight when the process died are made again.
  expect(server.received.length - receivedBefore).toBe(after.length - before.length);
  expect(summary.calls).toBe(after.length - before.length);
  await dataset.refresh();
  for (let i = 0; i < CHAINS; i++) expect((await dataset.judgement(`c${i}`))?.failed).toEqual([]);
  // Progress is reported in windows, with what was paid.
  expect(stderr).toContain(`"total":${WINDOWS - 3 * (CHAINS - summary.chains)},"unit":"windows"`);
  expect(server.received[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  for (const entry of await readdir(dataset.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    expect((await readFile(join(entry.parentPath, entry.name))).includes(KEY)).toBe(false);
  }
}, 60_000);

it('stops when cancelled, keeps what is paid for, and resumes from there', async () => {
  await begin();
  const cancelled = judge();
  await until(async () => (await journaled()).length >= 4);
  cancelled.child.kill('SIGTERM');
  expect((await cancelled.ended).code).toBe(130);
  const paid = await journaled();
  const stopped = server.received.length;
  await new Promise((done) => setTimeout(done, 300));
  expect(server.received.length).toBe(stopped);
  const { stdout } = await judge().ended;
  expect(JSON.parse(stdout).summary.calls).toBe(WINDOWS - paid.length);
}, 60_000);
