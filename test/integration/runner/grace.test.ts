import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CallSettings, DatasetSettings, JournalLine } from '../../../src/core/schemas/index.ts';
import { CANCEL_FILE } from '../../../src/protocol/runner.ts';
import { evaluationCalls } from '../../../src/store/evaluations.ts';
import { Dataset } from '../../../src/store/index.ts';
import { startLonghand, until } from '../../fixtures/process.ts';
import { cachedClient, datasetFor, journalOf, linesOf, serve, stateOf } from '../../fixtures/scripted-dataset.ts';
import type { Scripted, ScriptedServer } from '../../fixtures/server.ts';
import { file, run } from '../../unit/verbs/run.ts';

// A SCRIPTED server, without a model, for calls that are in flight when a run ends.

function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function payerOf(server: ScriptedServer, calls: Partial<CallSettings> = {}) {
  const [stop, stopNow] = [new AbortController(), new AbortController()];
  const made = await cachedClient(server, {
    ...{ concurrency: 8, signal: stop.signal, stopNow: stopNow.signal, calls: CallSettings.parse(calls) },
  });
  const all = Promise.allSettled(Array.from({ length: 8 }, (_, seed) => made.pay(seed)));
  const lines = async (): Promise<number> => (await linesOf(made.path, JournalLine)).length;
  return { ...made, stop, stopNow, all, lines };
}

describe('calls in flight', () => {
  test('finish and are journaled when one call fails permanently', async () => {
    const { open, opened } = gate();
    const server = await serve(async (_, index) => {
      if (index === 3) return { status: 401, error: 'no' };
      await opened;
      return {};
    });
    const { payer, all, lines, journal } = await payerOf(server);
    await until(async () => server.received.length === 8);
    const drained = payer.drain();
    open();
    await drained;
    await journal.settled();
    expect((await all).filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    expect(await lines()).toBe(7);
  });

  test('finish and are journaled after a cancel, and no further call is sent', async () => {
    const { open, opened } = gate();
    const server = await serve(async () => {
      await opened;
      return {};
    });
    const { payer, stop, all, lines, journal, counts } = await payerOf(server);
    await until(async () => server.received.length === 8);
    stop.abort();
    expect(counts.waitingFor).toBe('Waiting for 8 calls in flight, 30 s at most. Cancel again to stop immediately.');
    open();
    await payer.drain();
    await journal.settled();
    expect((await all).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect([await lines(), server.received.length]).toEqual([8, 8]);
  });

  test.each([
    ['when the grace period has passed', { graceSeconds: 0.05 }, false],
    ['immediately after a second cancel', { graceSeconds: 3600 }, true],
  ])('end %s', async (_, calls, again) => {
    const server = await serve(() => ({ latencyMs: 60_000 }));
    const { payer, stop, stopNow, all, lines, journal } = await payerOf(server, calls);
    await until(async () => server.received.length === 8);
    stop.abort();
    if (again) stopNow.abort();
    await payer.drain();
    await journal.settled();
    expect((await all).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await lines()).toBe(0);
  });
});

/** A round of twelve problems, with all first calls in flight until the gate opens. */
async function roundInFlight(graceSeconds: number, respond: (index: number) => Scripted | undefined = () => undefined) {
  const { open, opened } = gate();
  const server = await serve(async (_, index) => {
    const now = respond(index);
    if (now) return now;
    if (index < 12) await opened;
    return { content: 'So \\boxed{8}.' };
  });
  const rows = Array.from({ length: 12 }, (_, i) => ({ id: `p${i}`, problem: `What is ${i} + 8?`, answer: '8' }));
  const folder = await datasetFor(server, rows);
  const settings = DatasetSettings.parse(JSON.parse(await readFile(join(folder, 'longhand.json'), 'utf8')));
  const dialogue = { ...settings.dialogue, concurrency: 12 };
  await writeFile(join(folder, 'longhand.json'), JSON.stringify({ ...settings, dialogue, calls: { graceSeconds } }));
  const tries = { answer1: 1, answer2: 1, check: 1, summary: 1 };
  const ended = run('generate', { dataset: folder, problems: 12, tries }).catch((error: unknown) => error);
  await until(async () => server.received.length >= 8);
  const dataset = await Dataset.open(folder, { index: false });
  const [round = ''] = await dataset.rounds();
  const state = () => stateOf(folder, round);
  const cancel = (): Promise<void> => writeFile(join(dataset.roundFolder(round), CANCEL_FILE), '');
  const journaled = async (): Promise<number> => (await journalOf(folder, round)).length;
  return { server, ended, state, cancel, journaled, open };
}

/** The command line, in its own process, on a dataset whose model is the server. */
async function commandLine(verb: string, server: ScriptedServer, more: object, graceSeconds = 30) {
  const rows = Array.from({ length: 40 }, (_, i) => ({ id: `p${i}`, problem: `What is ${i} + 8?`, answer: '8' }));
  const folder = await datasetFor(server, verb === 'generate' ? rows : []);
  const settings = JSON.parse(await readFile(join(folder, 'longhand.json'), 'utf8'));
  await writeFile(join(folder, 'longhand.json'), JSON.stringify({ ...settings, calls: { graceSeconds } }));
  const problems = await file('set.jsonl', rows);
  const args = JSON.stringify({ dataset: folder, ...(verb === 'generate' ? {} : { problems }), ...more });
  const { child, ended, output } = startLonghand([verb, '--progress', 'json', '--args-json', args]);
  await until(() => server.received.length >= 4);
  return { folder, child, code: ended.then(({ code }) => code), stderr: () => output.stderr };
}

test('SIGTERM lets the calls of an evaluation finish, and no further call is sent', { timeout: 60_000 }, async () => {
  const { open, opened } = gate();
  const server = await serve(async () => {
    await opened;
    return { content: 'So \\boxed{8}.' };
  });
  const { folder, child, code, stderr } = await commandLine('evaluate', server, { k: 1 });
  child.kill('SIGTERM');
  await until(async () => /"message":"Waiting/.test(stderr()));
  expect(stderr()).toMatch(/"message":"Waiting for \d+ calls? in flight/);
  const sent = server.received.length;
  open();
  expect(await code).toBe(130);
  expect(server.received).toHaveLength(sent);
  const [evaluation = ''] = await readdir(join(folder, 'evaluations'));
  let journaled = 0;
  for await (const _ of evaluationCalls(join(folder, 'evaluations', evaluation))) journaled++;
  expect(journaled).toBe(sent);
});

test.each([
  ['generate', { problems: 12 }],
  ['evaluate', { k: 1 }],
])('a second SIGTERM ends %s immediately, with its state written and no lock or reserve left', async (verb, more) => {
  const server = await serve((_, index) => (index === 0 ? {} : { latencyMs: 100_000 }));
  const { folder, child, code, stderr } = await commandLine(verb, server, more, 3600);
  child.kill('SIGTERM');
  await until(async () => /Waiting for \d+ calls? in flight/.test(stderr()));
  child.kill('SIGTERM');
  expect(await code).toBe(130);
  const files = await readdir(folder, { recursive: true });
  expect(files.filter((name) => /\.(lock|tmp)$|lock$/.test(name))).toEqual([]);
  const state = files.find((name) => name.endsWith('runner.json'));
  if (verb === 'generate') {
    expect(JSON.parse(await readFile(join(folder, state ?? ''), 'utf8'))).toMatchObject({ state: 'cancelled' });
  }
});

describe('a round', { timeout: 60_000 }, () => {
  test('that is cancelled reports what it waits for, and journals every reply', async () => {
    const { server, ended, state, cancel, journaled, open } = await roundInFlight(30);
    await cancel();
    await until(async () => (await state()).message?.includes('in flight') === true);
    open();
    await ended;
    expect((await state()).state).toBe('cancelled');
    expect(await journaled()).toBe(server.received.length);
  });

  test('that is cancelled twice ends immediately', async () => {
    const { ended, state, cancel, journaled } = await roundInFlight(3600);
    await cancel();
    await until(async () => (await state()).message?.includes('in flight') === true);
    await cancel();
    await ended;
    expect((await state()).state).toBe('cancelled');
    expect(await journaled()).toBe(0);
  });

  test('with a refused key ends immediately after one cancel, and reports the key as the cause', async () => {
    const refused = { status: 401, error: 'no' };
    const { ended, state, cancel, journaled } = await roundInFlight(3600, (index) =>
      index === 5 ? refused : undefined,
    );
    await until(async () => (await state()).message?.includes('Cancel to stop immediately') === true);
    await cancel();
    await ended;
    expect(await state()).toMatchObject({ state: 'failed', message: expect.stringContaining('(401)') });
    expect(await journaled()).toBe(0);
  });

  test('whose key is refused in the middle journals every other reply', async () => {
    const refused = { status: 401, error: 'no' };
    const { server, ended, state, journaled, open } = await roundInFlight(30, (index) =>
      index === 5 ? refused : undefined,
    );
    await until(async () => (await state()).message?.includes('in flight') === true);
    open();
    await ended;
    expect(await state()).toMatchObject({ state: 'failed', message: expect.stringContaining('(401)') });
    expect(await journaled()).toBe(server.received.length - 1);
  });
});
