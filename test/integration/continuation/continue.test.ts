// Continuations of a chain: with a SCRIPTED server that continues what it is given, and with the starter model.
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { thoughtBoundary } from '../../../src/core/export/reasoning.ts';
import { foldActs } from '../../../src/core/review/index.ts';
import type { Chain, ChatMessage, ModelRef } from '../../../src/core/schemas/index.ts';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import { DEFAULT_STARTER, starterModel } from '../../../src/models/starter/catalogue.ts';
import { stopStarter } from '../../../src/models/starter/lifecycle.ts';
import type { ContinueEvent } from '../../../src/protocol/continuation.ts';
import { Dataset } from '../../../src/store/index.ts';
import { startLonghand, until } from '../../fixtures/process.ts';
import { journalOf, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { file, newDataset, run, temporaryFolder } from '../../unit/verbs/run.ts';

const PROBLEM = { id: 'p', problem: 'What is 7 + 8?', answer: '15' };
const KEPT = 'Let me add. 7 + 8 is ';
const TEXT = `${KEPT}14, so \\boxed{14}.`;
const AT = KEPT.length;

/** A dataset with one imported chain, whose end is wrong. */
async function datasetWith(model: ModelRef, trace = TEXT): Promise<{ dataset: string; chain: string }> {
  const dataset = await newDataset();
  await run('import-traces', { dataset, file: await file('traces.jsonl', [{ ...PROBLEM, trace }]) });
  await run('model', { dataset, model, role: 'base' });
  const { chains } = await run('chains', { source: dataset, limit: 9 });
  return { dataset, chain: chains[0]?.id ?? '' };
}

async function withDataset<T>(folder: string, work: (dataset: Dataset) => Promise<T>): Promise<T> {
  const dataset = await Dataset.open(folder);
  try {
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}

const chainOf = (folder: string, id: string): Promise<Chain> => withDataset(folder, (dataset) => dataset.chain(id));

/** Goes on with every second answer right. Without token ids, so that a client asks it for the end of a word first. */
function continues({ path, body }: Received): Scripted {
  if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
  const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
  if (last.endsWith('fift')) return { content: 'een, sixteen' };
  return { content: Number(body.seed) % 2 === 0 ? ' 15, so \\boxed{15}.' : ' 16, so \\boxed{16}.', latencyMs: 20 };
}

/** Token ids as those of vLLM, with one id for each character. */
function tokenizes({ body }: Received): Scripted {
  const texts = ((body.messages ?? []) as ChatMessage[]).map(({ content }) => content);
  const chat = [...texts, ...(body.continue_final_message === true ? [] : [''])].join('|');
  const text = typeof body.prompt === 'string' ? body.prompt : chat;
  const tokens = [...text].map((character) => character.charCodeAt(0));
  return { raw: { type: 'application/json', body: JSON.stringify({ tokens }) } };
}

/** The requests for continuations, without the question whether the server can. */
const asked = ({ received }: { received: Received[] }) =>
  received.filter(({ path, body }) => path.startsWith('/v1/') && body.max_tokens !== 4);

it('a model of VS Code is refused in the plans of continuations, step values and repairs', async () => {
  const { dataset, chain } = await datasetWith({ kind: 'vscode', vendor: 'copilot', family: 'gpt', model: 'gpt' });
  const search = { dataset, limit: 5, budget: 40, batch: 4, certainty: 0.9, plan: true };
  for (const planned of [
    () => run('continue', { dataset, chain, at: AT, samples: 2, plan: true }),
    () => run('step-values', search),
    () => run('repair-chains', { ...search, where: 'verdict = incorrect' }),
  ])
    await expect(planned()).rejects.toMatchObject({ kind: 'continue', message: expect.stringContaining('VS Code') });
});

describe('continuations of a SCRIPTED model', () => {
  it('continue exactly the kept text, are graded as whole chains, and are paid once', async () => {
    const server = await serve(continues);
    const { dataset, chain } = await datasetWith({ kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
    const events: ContinueEvent[] = [];
    const args = { dataset, chain, at: AT, samples: 6 };
    const { plan } = await run('continue', { ...args, plan: true });
    expect(plan).toMatchObject({ requests: 6, reused: 0, kept: AT - 1, checkedBy: 'reply' });
    expect(server.received.filter(({ path }) => path.startsWith('/v1/'))).toEqual([]);
    const onProgress = ({ continued }: { continued?: ContinueEvent | undefined }) =>
      continued && events.push(continued);
    const first = await run('continue', args, { onProgress });
    expect(first).toMatchObject({ calls: 6, written: false });
    for (const { text, verdict } of first.continuations) {
      expect(verdict.outcome).toBe(text.includes('{15}') ? 'correct' : 'incorrect');
    }
    expect(new Set(first.continuations.map(({ verdict }) => verdict.outcome)).size).toBe(2);
    expect(asked(server).map(({ body }) => (body.messages as ChatMessage[]).at(-1))).toEqual(
      Array.from({ length: 6 }, () => ({ role: 'assistant', content: KEPT.trimEnd() })),
    );
    const heard = events.flatMap((event) => (event.type === 'part' && event.index === 2 ? [event.text] : [])).join('');
    expect(heard).toBe(first.continuations[2]?.text);
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(6);

    const again = await run('continue', { ...args, samples: 8 });
    expect(again.calls).toBe(2);
    expect(again.continuations.slice(0, 6)).toEqual(first.continuations);
    expect(asked(server)).toHaveLength(8);
    expect((await run('status', { dataset })).rounds.find(({ kind }) => kind === 'continued')?.state).toBe('finished');
  });

  it('begin again in the events when a request is repeated', async () => {
    let failures = 0;
    const server = await serve((request) => {
      const reply = continues(request);
      const isFirst = asked({ received: [request] }).length === 1 && 'content' in reply && failures === 0;
      if (isFirst) failures += 1;
      return isFirst ? { ...reply, cutAfter: 2, chunkMs: 150 } : reply;
    });
    const { dataset, chain } = await datasetWith({ kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
    let heard = '';
    const first = await run(
      'continue',
      { dataset, chain, at: AT, samples: 1 },
      {
        onProgress: ({ continued: event }: { continued?: ContinueEvent | undefined }) => {
          if (event?.type === 'part') heard = event.restarts ? event.text : heard + event.text;
        },
      },
    );
    expect(failures).toBe(1);
    expect(first.continuations).toHaveLength(1);
    expect(heard).toBe(first.continuations[0]?.text);
  });

  it('are kept as a chain of their own, once, or written into the chain as an edit', async () => {
    const server = await serve(continues);
    const { dataset, chain } = await datasetWith({ kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
    const args = { dataset, chain, at: AT, samples: 6 };
    const { continuations } = await run('continue', args);
    const right = continuations.find(({ verdict }) => verdict.outcome === 'correct')?.index ?? -1;
    const { kept } = await run('continue', { ...args, keep: right });
    const made = await chainOf(dataset, kept ?? '');
    const text = `${KEPT}15, so \\boxed{15}.`;
    expect(made).toMatchObject({
      text,
      model: 'scripted',
      verdict: { outcome: 'correct' },
      continues: { chain, at: AT - 1 },
      segments: [
        { piece: 'trace', start: 0, end: AT - 1 },
        { piece: 'continuation', start: AT - 1, end: text.length, train: true },
      ],
    });
    expect((await run('continue', { ...args, keep: right })).kept).toBe(kept);
    expect((await run('chains', { source: dataset, limit: 9 })).total).toBe(2);
    // A continuation is no fresh answer to the problem.
    expect((await run('chains', { source: dataset, limit: 9 })).chains.map(({ passRate }) => passRate)).toEqual([
      undefined,
      undefined,
    ]);
    expect((await run('regrade', { dataset, apply: true })).flips.chains).toEqual({});

    for (const plan of [true, false])
      await expect(run('continue', { ...args, write: right, plan })).rejects.toThrow('An edit needs a reviewer.');
    const before = asked(server).length;
    const { continuations: only } = await run('continue', { ...args, write: right, reviewer: 'ada' });
    expect([only.map(({ index }) => index), asked(server).length]).toEqual([[right], before]);
    // Other sampling makes another chain.
    const other = await run('continue', { ...args, keep: right, response: { temperature: 0.5 } });
    expect(other.kept).not.toBe(kept);
    // The next cut is in the edited text.
    const { plan } = await run('continue', { ...args, at: text.length, plan: true, reviewer: 'ada' });
    expect(plan.kept).toBe(text.length);
    await expect(run('continue', { ...args, at: 900 })).rejects.toMatchObject({ kind: 'continue' });
    await expect(run('continue', { ...args, keep: 40 })).rejects.toThrow('no continuation 40');
  });

  it('are written into a thought so that the answer stays apart', async () => {
    const thinks = (received: Received): Scripted => {
      if (received.path === '/tokenize') return tokenizes(received);
      return { content: ' 15.</think>\n\nIt is \\boxed{15}.' };
    };
    const server = await serve(thinks);
    const model: ModelRef = { kind: 'openai', baseURL: server.baseURL, model: 'scripted' };
    const { dataset, chain } = await datasetWith(model, `<think>${KEPT}14.</think>\n\nIt is \\boxed{14}.`);
    const args = { dataset, chain, at: AT, samples: 1, reviewer: 'ada' };
    const { continuations } = await run('continue', args);
    const asked = server.received.map(({ body }) => (body.messages as ChatMessage[] | undefined)?.at(-1)?.content);
    expect(asked).toContainEqual(expect.stringMatching(/^<think>/));
    expect(continuations[0]?.verdict.outcome).toBe('correct');
    await run('continue', { ...args, write: 0 });
    const opened = await Dataset.open(dataset);
    const { text, segments } = foldActs(await opened.chain(chain), await opened.reviewActs(chain));
    await opened.close();
    expect(text).toBe(`${KEPT}15.\n\nIt is \\boxed{15}.`);
    const boundary = thoughtBoundary({ text, segments }, { text, pieces: [] }, 'answer');
    expect(text.slice(boundary?.answerStart)).toBe('It is \\boxed{15}.');
  });

  it('are not written into a text that was edited meanwhile', async () => {
    let edit: Promise<unknown> | undefined;
    const server = await serve((received) => {
      if (received.body.max_tokens !== 4 && received.path.startsWith('/v1/'))
        edit ??= withDataset(dataset, (opened) =>
          opened.appendReview({
            ...{ id: 'x', at: '2026-12-01T00:00:00Z', reviewer: 'ada', chainId: chain },
            ...{ act: 'edit', changes: [{ start: 0, end: 3, insert: 'Now let' }] },
          }),
        );
      return { ...continues(received), latencyMs: 500 };
    });
    const { dataset, chain } = await datasetWith({ kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
    const args = { dataset, chain, at: AT, samples: 1, reviewer: 'ada' };
    await expect(run('continue', { ...args, write: 0 })).rejects.toThrow('was edited while it was continued');
    await edit;
    expect(await withDataset(dataset, (opened) => opened.reviewActs(chain))).toHaveLength(1);
    // As another reviewer, it is written without another call.
    expect((await run('continue', { ...args, reviewer: 'ben', write: 0 })).written).toBe(true);
    expect(asked(server)).toHaveLength(1);
  });

  it('are kept, but not written into a chain that is a thought without an answer', async () => {
    const server = await serve((received) =>
      received.path === '/tokenize' ? tokenizes(received) : continues(received),
    );
    const model: ModelRef = { kind: 'openai', baseURL: server.baseURL, model: 'scripted' };
    const { dataset, chain } = await datasetWith(model, `<think>${KEPT}14`);
    const args = { dataset, chain, at: AT, samples: 2, reviewer: 'ada' };
    await expect(run('continue', { ...args, write: 0 })).rejects.toThrow('no edit ends it');
    expect(asked(server)).toEqual([]);
    const opened = await Dataset.open(dataset);
    expect(await opened.reviewActs(chain)).toEqual([]);
    await opened.close();
    expect((await run('continue', { ...args, keep: 0 })).kept).toBeDefined();
    expect(asked(server)).toHaveLength(1);
  });

  it('resume after kill -9 without paying twice', async () => {
    const server = await serve((request) => ({ ...continues(request), latencyMs: 150 }));
    const { dataset, chain } = await datasetWith({ kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
    const words = ['continue', dataset, chain, '--at', String(AT), '--samples', '12', '--concurrency', '2', '--json'];
    const killed = startLonghand(words, {});
    const paid = async () => (await journalOf(dataset, '1-continued')).map(({ key }) => key);
    await until(async () => (await paid()).length >= 3);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const before = await paid();
    expect(before.length).toBeLessThan(12);
    const { code, stdout } = await startLonghand(words, {}).ended;
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { calls: number }).calls).toBe(12 - before.length);
    const after = await paid();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after).size).toBe(12);
  }, 60_000);

  it('are not paid for at a server that begins a new answer', async () => {
    const server = await serve(({ path }) => (path.startsWith('/v1/') ? { content: 'Sure!' } : { status: 404 }));
    const { dataset, chain } = await datasetWith({ kind: 'openai', baseURL: server.baseURL, model: 'scripted' });
    await expect(run('continue', { dataset, chain, at: AT, samples: 3 })).rejects.toMatchObject({
      kind: 'bad-request',
    });
    expect(await journalOf(dataset, '1-continued')).toEqual([]);
    expect(asked(server)).toEqual([]);
  });
});

const { weights } = starterPaths(cacheFolder(), starterModel(DEFAULT_STARTER));
let cache = '';
afterEach(() => (cache === '' ? undefined : stopStarter({ model: DEFAULT_STARTER, cache })));

it.skipIf(!existsSync(weights))(
  'the starter model continues a chain, and a kept chain begins as the old one',
  async () => {
    cache = join(await temporaryFolder(), 'cache');
    await mkdir(join(cache, 'starter'), { recursive: true });
    for (const part of ['runtime', 'models'])
      await symlink(join(cacheFolder(), 'starter', part), join(cache, 'starter', part), 'junction');
    const { dataset, chain } = await datasetWith({ kind: 'starter', model: DEFAULT_STARTER });
    const args = { dataset, chain, at: AT, samples: 3, response: { maxTokens: 24 } };
    const env = { LONGHAND_CACHE: cache };
    const first = await run('continue', args, { env });
    expect(first.continuations).toHaveLength(3);
    expect(first.calls).toBe(3);
    const index = first.continuations.find(({ ended }) => ended !== 'empty')?.index ?? 0;
    const { kept, calls } = await run('continue', { ...args, keep: index }, { env });
    expect(calls).toBe(0);
    const made = await chainOf(dataset, kept ?? '');
    expect(made.text).toBe(`${KEPT.trimEnd()}${first.continuations[index]?.text}`);
  },
  120_000,
);
