import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { JournalLine, RoundSummary } from '../../../src/core/schemas/index.ts';
import { answersByRate, type Rated } from '../../fixtures/pass-rates.ts';
import { type ScriptedServer, startScriptedServer } from '../../fixtures/server.ts';
import { file, newDataset, run } from '../../unit/verbs/run.ts';
import { alive, until } from './processes.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const PROBLEMS: (Rated & { id: string })[] = Array.from({ length: 8 }, (_, i) => ({
  id: `p${i}`,
  problem: `What is ${i + 10} + ${i + 20}?`,
  right: String(2 * i + 30),
  rate: i < 4 ? 0.6 : 0.05,
  wrong: (draw) => String(draw % 7),
}));

async function serve(latencyMs: number): Promise<ScriptedServer> {
  const answer = answersByRate(PROBLEMS);
  const server = await startScriptedServer((request) => ({ ...answer(request), latencyMs }));
  servers.push(server);
  return server;
}

async function datasetFor({ baseURL }: ScriptedServer): Promise<string> {
  const dataset = await newDataset();
  const rows = PROBLEMS.map(({ id, problem, right }) => ({ id, problem, answer: right }));
  await run('import', { dataset, file: await file('problems.jsonl', rows) });
  await run('model', { dataset, model: { kind: 'openai', baseURL, model: 'tuned' }, role: 'fine-tuned' });
  return dataset;
}

const ARGS = { policy: { policy: 'cascade', stages: [2, 4, 8] }, seed: 11, concurrency: 3 };

async function journal(dataset: string, round: string): Promise<JournalLine[]> {
  const text = await readFile(join(dataset, 'rounds', round, 'journal.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JournalLine.parse(JSON.parse(line)));
}

function keys(lines: readonly JournalLine[]): string[] {
  return lines.map(({ key }) => key).sort();
}

describe('a sampling round in its own process', () => {
  it('resumes after kill -9 in the middle of a cascade, and makes exactly the calls of an uninterrupted round', async () => {
    const server = await serve(30);
    const [whole, stopped] = [await datasetFor(server), await datasetFor(server)];
    const uninterrupted = RoundSummary.parse(await run('sample-round', { dataset: whole, ...ARGS }));

    const started = await run('sample-round', { dataset: stopped, ...ARGS, detach: true });
    if (!('pid' in started)) throw new Error('it did not detach');
    // After the first stage of all problems, and before the end of the second.
    await until(async () => (await journal(stopped, started.round)).some(({ index }) => index >= 3));
    process.kill(started.pid, 'SIGKILL');
    await until(async () => !alive(started.pid));
    const before = await journal(stopped, started.round);
    expect(before.length).toBeLessThan(uninterrupted.calls);
    expect((await run('status', { dataset: stopped })).rounds[0]).toMatchObject({
      kind: 'sampling',
      state: 'interrupted',
    });

    const askedBefore = server.received.length;
    const summary = RoundSummary.parse(await run('resume', { dataset: stopped, round: started.round }));
    const after = await journal(stopped, started.round);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(server.received.length - askedBefore).toBe(after.length - before.length);
    expect(keys(after)).toEqual(keys(await journal(whole, uninterrupted.round)));
    const { seconds: _seconds, ...same } = uninterrupted;
    expect(summary).toMatchObject({ ...same, finishedAt: expect.any(String), quotaDropped: expect.any(Array) });
    expect(new Set(summary.quotaDropped)).toEqual(new Set(uninterrupted.quotaDropped));

    const again = RoundSummary.parse(await run('resume', { dataset: stopped, round: started.round }));
    expect(again.sampling).toEqual(summary.sampling);
    expect((await journal(stopped, started.round)).length).toBe(after.length);
  }, 90_000);

  it('stops when cancelled, settles the samples that it has, and can be resumed', async () => {
    const server = await serve(60);
    const dataset = await datasetFor(server);
    const started = await run('sample-round', { dataset, ...ARGS, detach: true });
    await until(async () => (await journal(dataset, started.round)).length >= 6);
    expect(await run('cancel', { dataset, round: started.round })).toEqual({
      round: started.round,
      state: 'cancelled',
    });
    const path = join(dataset, 'rounds', started.round, 'summary.json');
    const cancelled = RoundSummary.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(cancelled.sampling).toMatchObject({ ended: { how: 'cancelled' }, suspectGold: [] });
    const asked = server.received.length;
    await new Promise((done) => setTimeout(done, 300));
    expect(server.received.length).toBe(asked);
    const summary = RoundSummary.parse(await run('resume', { dataset, round: started.round }));
    expect(summary.sampling?.ended).toEqual({ how: 'finished' });
    expect(summary.seconds).toBeGreaterThan(cancelled.seconds);
  }, 90_000);

  it('fails with advice when the server becomes unreachable, and can be resumed', async () => {
    const server = await serve(40);
    const dataset = await datasetFor(server);
    const started = await run('sample-round', { dataset, ...ARGS, detach: true });
    await until(async () => (await journal(dataset, started.round)).length >= 4);
    await server.close();
    await until(async () => (await run('status', { dataset })).rounds[0]?.state === 'failed', 60_000);
    expect((await run('status', { dataset })).rounds[0]?.runner?.message).toMatch(/Is the server running/);
  }, 90_000);
});
