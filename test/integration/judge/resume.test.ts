import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { JudgeSummary } from '../../../src/protocol/judge.ts';
import type { Dataset } from '../../../src/store/index.ts';
import { type Started, startLonghand, until } from '../../fixtures/process.ts';
import { linesOf, serve } from '../../fixtures/scripted-dataset.ts';
import type { ScriptedServer } from '../../fixtures/server.ts';
import { answerTo, datasetOf, judgeAt, textOf } from '../../unit/judge/dataset.ts';

// The server of these tests is SCRIPTED: there is no model behind it.
const KEY = 'sk-this-must-stand-in-no-file';
const CHAINS = 6;
const WINDOWS = 3 * CHAINS;

let server: ScriptedServer;
let dataset: Dataset;

afterEach(() => dataset.close());

async function begin(): Promise<void> {
  server = await serve((request) => ({ ...answerTo(request), latencyMs: 60 }));
  dataset = await datasetOf(
    Object.fromEntries(Array.from({ length: CHAINS }, (_, i) => [`c${i}`, textOf(`c${i}`, 30)])),
  );
  await dataset.saveSettings({ judge: judgeAt(server.baseURL) });
}

function judge(): Started {
  const env = { LONGHAND_API_KEY: KEY, LONGHAND_API_HOST: server.host };
  return startLonghand(['judge', dataset.folder, '--json', '--progress', 'json'], { env });
}

async function journaled(): Promise<string[]> {
  return (await linesOf(dataset.judgeJournal, z.object({ key: z.string() }))).map(({ key }) => key);
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
