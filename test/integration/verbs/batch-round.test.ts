// Rounds that run as jobs on a real Ray. The model is a SCRIPTED server with known pass rates, so that the results are known.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CollectedBatch, type JournalLine, RoundSummary } from '../../../src/core/schemas/index.ts';
import { answersByRate, RATED, rowsOf } from '../../fixtures/pass-rates.ts';
import { alive, type Started, startLonghand, until } from '../../fixtures/process.ts';
import { type RayHead, rayEnvironment, startRay } from '../../fixtures/ray.ts';
import {
  journalOf as journal,
  keysOf as keys,
  datasetFor as madeFor,
  roundFile,
  serve as started,
} from '../../fixtures/scripted-dataset.ts';
import type { Scripted, ScriptedServer } from '../../fixtures/server.ts';
import { run as runVerb, temporaryFolder } from '../../unit/verbs/run.ts';

const environment = await rayEnvironment();
const without = typeof environment === 'string' ? ` (skipped: ${environment})` : '';

/** The record that jobs were sent to this Ray. */
const LONGHAND_CACHE = await temporaryFolder();
const run: typeof runVerb = (verb, args, options) => runVerb(verb, args, { env: { LONGHAND_CACHE }, ...options });

let head: RayHead;
let process: Started | undefined;
afterEach(() => void process?.child.kill('SIGKILL'));

async function serve(change: (index: number) => Scripted = () => ({})): Promise<ScriptedServer> {
  const answer = answersByRate(RATED);
  return started((request, index) => ({ ...answer(request), ...change(index) }));
}

const datasetFor = (server: ScriptedServer): Promise<string> => madeFor(server, rowsOf(RATED), 'fine-tuned');

const ARGS = { policy: { policy: 'cascade', stages: [2, 4, 8] }, seed: 11, concurrency: 3 };
const onRay = () => ({ engine: { engine: 'ray' as const, address: head.address }, batch: { shards: 2 } });

async function collected(dataset: string): Promise<CollectedBatch[]> {
  const found: CollectedBatch[] = [];
  for (const name of (await readdir(join(dataset, 'runs'))).sort()) {
    const text = await readFile(join(dataset, 'runs', name, 'collected.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) found.push(CollectedBatch.parse(JSON.parse(text)));
  }
  return found;
}

describe.skipIf(without !== '')(`a sampling round in batches on a real Ray${without}`, { timeout: 300_000 }, () => {
  beforeAll(async () => {
    if (typeof environment !== 'string') head = await startRay(environment);
  });
  afterAll(() => head?.stop());

  it('makes exactly the calls of a round from this machine, stage by stage, with the same result', async () => {
    const server = await serve();
    const [here, there] = [await datasetFor(server), await datasetFor(server)];
    const one = RoundSummary.parse(await run('sample-round', { dataset: here, ...ARGS }));
    const asked = server.received.length;
    const other = RoundSummary.parse(await run('sample-round', { dataset: there, ...ARGS, ...onRay() }));
    expect(keys(await journal(there, other.round))).toEqual(keys(await journal(here, one.round)));
    expect(server.received.length).toBe(2 * asked);
    const { seconds: _seconds, ...same } = one;
    expect(other).toMatchObject({ ...same, finishedAt: expect.any(String), quotaDropped: expect.any(Array) });
    const replies = (lines: JournalLine[]) =>
      new Map(lines.map(({ key, reply: { ms: _ms, ...reply } }) => [key, reply]));
    expect(replies(await journal(there, other.round))).toEqual(replies(await journal(here, one.round)));
    const batches = await collected(there);
    expect(batches.length).toBeGreaterThan(1);
    // The machine that submitted the jobs looks them up there.
    const { runs } = await run('runs', { dataset: there });
    expect(runs.map(({ kind, state }) => `${kind} ${state}`)).toEqual(batches.map(() => 'sample succeeded'));
    expect(batches.reduce((sum, { answers }) => sum + answers, 0)).toBe(asked);

    // Every call is paid: a resume grades and settles without any call.
    const again = RoundSummary.parse(await run('resume', { dataset: there, round: other.round }));
    expect(again.sampling).toEqual(other.sampling);
    expect(server.received.length).toBe(2 * asked);
  });

  it('resumes after kill -9: the job on the cluster continues, and its answers are collected and not requested again', async () => {
    const server = await serve(() => ({ latencyMs: 300 }));
    const dataset = await datasetFor(server);
    const args = { dataset, ...ARGS, ...onRay() };
    process = startLonghand(['sample-round', '--args-json', JSON.stringify(args)], { env: { LONGHAND_CACHE } });
    const { child } = process;
    const round = '0-sampling';
    await until(async () => (await journal(dataset, round)).length >= 3, 90_000);
    child.kill('SIGKILL');
    await until(async () => !alive(child.pid ?? 0));
    const before = await journal(dataset, round);
    expect(await collected(dataset)).toEqual([]);
    // From here on without the engine: the batch is still collected, and the rest is requested from this machine.
    const summary = RoundSummary.parse(await run('resume', { dataset, round }));
    const after = await journal(dataset, round);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(server.received.length).toBe(after.length);
    expect(new Set(keys(after)).size).toBe(after.length);
    expect(summary.sampling?.ended).toEqual({ how: 'finished' });
    expect((await collected(dataset)).length).toBe(1);
  });

  it('keeps its answers when the server refuses all other calls, reports why, and later requests only the rest', async () => {
    let refusing = true;
    const server = await serve((index) => (refusing && index >= 6 ? { status: 401, error: 'no key, no answer' } : {}));
    const dataset = await datasetFor(server);
    const failed = await run('sample-round', { dataset, ...ARGS, ...onRay() }).catch((error: unknown) => error);
    expect(String(failed)).toMatch(/of 16 answers/);
    expect(failed).toMatchObject({ advice: expect.stringContaining('no key, no answer') });
    const before = await journal(dataset, '0-sampling');
    expect(before.length).toBe(6);
    refusing = false;
    const askedBefore = server.received.length;
    const summary = RoundSummary.parse(await run('resume', { dataset, round: '0-sampling', ...onRay() }));
    const after = await journal(dataset, '0-sampling');
    expect(after.slice(0, 6)).toEqual(before);
    expect(server.received.length - askedBefore).toBe(after.length - 6);
    expect(summary.sampling?.ended).toEqual({ how: 'finished' });
  });

  it('excludes a problem whose request is refused, and continues with the others', async () => {
    const answer = answersByRate(RATED);
    const server = await started((request) =>
      JSON.stringify(request.body).includes('What is 10 + 20?') ? { status: 400, error: 'too long' } : answer(request),
    );
    const dataset = await datasetFor(server);
    const summary = RoundSummary.parse(await run('sample-round', { dataset, ...ARGS, ...onRay() }));
    expect(summary.sampling?.failed).toEqual(['p0']);
    expect(summary.sampling?.ended).toEqual({ how: 'finished' });
  });

  it('cancels the job with the round, and keeps its answers', async () => {
    const server = await serve(() => ({ latencyMs: 500 }));
    const dataset = await datasetFor(server);
    const stop = new AbortController();
    const running = run('sample-round', { dataset, ...ARGS, ...onRay() }, { signal: stop.signal }).catch(
      (e: unknown) => e,
    );
    await until(async () => (await journal(dataset, '0-sampling')).length >= 2, 90_000);
    stop.abort();
    expect(String(await running)).toMatch(/was cancelled/);
    await sleep(1000);
    const asked = server.received.length;
    await sleep(1500);
    expect(server.received.length).toBe(asked);
    expect((await collected(dataset)).length).toBe(1);
    const summary = await roundFile(dataset, '0-sampling', 'summary.json', RoundSummary);
    expect(summary.sampling?.ended).toEqual({ how: 'cancelled' });
    const paid = await journal(dataset, '0-sampling');
    expect(summary.calls).toBeLessThanOrEqual(paid.length);
    const before = server.received.length;
    const resumed = RoundSummary.parse(await run('resume', { dataset, round: '0-sampling' }));
    expect(resumed.sampling?.ended).toEqual({ how: 'finished' });
    expect(server.received.length - before).toBe(resumed.calls - paid.length);
  });

  it('reads answers from a shared folder if there is one', async () => {
    const server = await serve();
    const dataset = await datasetFor(server);
    const shared = await temporaryFolder();
    const engine = { engine: 'ray' as const, address: head.address, sharedFolder: shared };
    const summary = RoundSummary.parse(await run('sample-round', { dataset, ...ARGS, engine }));
    expect(summary.calls).toBe(server.received.length);
    const [first = ''] = (await readdir(shared)).sort();
    expect(first).toMatch(/^0-sampling-batch-1-[0-9a-f]{8}$/);
    const kept = await readFile(join(shared, first, 'results.jsonl'), 'utf8');
    expect(kept.trimEnd().split('\n').length).toBe(16);
  });

  it('sends the same requests by the HTTP processor of ray.data.llm, with the given number of requests in flight', async () => {
    const latencyMs = 2000;
    const begun: number[] = [];
    const server = await serve(() => {
      begun.push(performance.now());
      return { latencyMs };
    });
    const dataset = await datasetFor(server);
    const once = { ...ARGS, concurrency: 6, policy: { policy: 'cascade', stages: [2] } };
    const there = { ...onRay(), batch: { how: 'http' as const } };
    const summary = RoundSummary.parse(await run('sample-round', { dataset, ...once, ...there }));
    expect(summary.sampling).toMatchObject({ ended: { how: 'finished' }, samples: 16, failed: [] });
    const paid = await journal(dataset, '0-sampling');
    expect(paid.every(({ reply }) => reply.text.includes('boxed'))).toBe(true);
    expect(server.received.length).toBe(16);
    const inFlight = begun.map((at) => begun.filter((other) => other <= at && at - other < latencyMs).length);
    expect(Math.max(...inFlight)).toBe(6);
  });
});
