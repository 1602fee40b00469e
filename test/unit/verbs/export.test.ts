import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/core/export/index.ts';
import { resolvePolicy } from '../../../src/core/grading/index.ts';
import type { ReviewAct } from '../../../src/core/schemas/index.ts';
import { act } from '../store/fixtures.ts';
import { type Heard, open, run, temporaryFolder } from './run.ts';

async function sample(): Promise<string> {
  return (await run('sample', { dataset: join(await temporaryFolder(), 'sample') })).dataset;
}

/** Ids of chains of one class that passed, in order. */
async function ids(dataset: string, chainClass: string): Promise<string[]> {
  return (await open(dataset)).index
    .chains()
    .flatMap((chain) => (chain.passed && chain.class === chainClass ? [chain.id] : []));
}

async function review(dataset: string, ...acts: ReviewAct[]): Promise<void> {
  const opened = await open(dataset);
  for (const each of acts) await opened.appendReview(each);
}

async function lines(folder: string, name: string): Promise<Record<string, never>[]> {
  return (await readFile(join(folder, name), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
}

describe('exporting a training set', { timeout: 60_000 }, () => {
  test('is limited to chains by name, which the manifest and the card show', async () => {
    const dataset = await sample();
    const [one = '', two = ''] = await ids(dataset, 'FT');
    await review(dataset, act('r1', one, { act: 'accept' }), act('r1', two, { act: 'accept' }));
    const result = await run('export', { dataset, select: 'accepted', chains: [two, 'no such chain'] });
    expect(result.chains).toBe(1);
    expect((await manifestOf(result.folder)).selection.chains).toBe(2);
    expect(await readFile(join(result.folder, 'README.md'), 'utf8')).toContain('Limited to 2 chains by name.');
  });

  test('includes chains that a reviewer accepted and none rejected, and masks first answers', async () => {
    const dataset = await sample();
    const [one = '', two = ''] = await ids(dataset, 'FT');
    await review(
      dataset,
      act('r1', one, { act: 'accept' }),
      act('r1', two, { act: 'accept' }),
      act('r2', two, { act: 'reject' }),
    );
    const result = await run('export', { dataset, select: 'accepted', name: 'First Set' });
    expect(result).toMatchObject({ folder: join(dataset, 'exports', 'first-set'), chains: 1 });
    const chain = await (await open(dataset)).chain(one);
    const masked = chain.segments.filter(({ train }) => !train).reduce((sum, { start, end }) => sum + end - start, 0);
    expect(result).toMatchObject({ masked, trained: chain.text.length - masked });
    expect(masked).toBeGreaterThan(0);
    expect(await lines(result.folder, 'train.messages.jsonl')).toMatchObject([
      { id: one, messages: [{ role: 'user' }, { role: 'assistant', content: chain.text }], segments: chain.segments },
    ]);
    expect(await lines(result.folder, 'train.prompt_completion.jsonl')).toMatchObject([
      { id: one, prompt: [{ role: 'user' }], completion: [{ role: 'assistant', content: chain.text }] },
    ]);
  });

  test('a reviewer’s verdict on the final answer replaces that of grading, and the row names it', async () => {
    const dataset = await sample();
    const opened = await open(dataset);
    const [right = ''] = await ids(dataset, 'FT');
    const line = (await contents(join(dataset, 'rounds/0-handwritten')))['chains.jsonl'] ?? '';
    const wrong = { ...JSON.parse(line.split('\n')[0] ?? ''), id: 'wrong', passed: false };
    wrong.verdict = { ...wrong.verdict, outcome: 'incorrect' };
    wrong.filters = [{ id: 'final-correct', passed: false, value: 'incorrect', threshold: 'correct' }];
    const leaky = { ...wrong, id: 'leaky', filters: [...wrong.filters, { ...wrong.filters[0], id: 'no-leak' }] };
    await opened.appendChains('0-handwritten', [wrong, leaky]);
    const override = (chainId: string, outcome: 'correct' | 'incorrect') =>
      act('r1', chainId, { act: 'override', outcome, reason: `it is ${outcome}` });
    await review(dataset, override(right, 'incorrect'), override('wrong', 'correct'), override('leaky', 'correct'));
    const { folder } = await run('export', { dataset, select: 'passed' });
    const rows = await lines(folder, 'train.messages.jsonl');
    const overrides = new Map<string, object[]>(rows.map((row) => [String(row.id), row.overrides ?? []]));
    expect(overrides.has(right)).toBe(false);
    expect(overrides.has('leaky')).toBe(false);
    expect(overrides.get('wrong')).toEqual([
      { reviewer: 'r1', outcome: 'correct', graded: 'incorrect', reason: 'it is correct' },
    ]);
    expect([...overrides.values()].filter((each) => each.length > 0)).toHaveLength(1);
    expect((await manifestOf(folder)).counts.overruled).toBe(1);
  });

  test('the more cautious of two verdicts on an answer counts', async () => {
    const dataset = await sample();
    const [one = ''] = await ids(dataset, 'FT');
    await review(
      dataset,
      act('r1', one, { act: 'override', outcome: 'correct', reason: 'equal' }),
      act('r2', one, { act: 'override', outcome: 'unknown', reason: 'the problem is ambiguous' }),
      act('r1', one, { act: 'accept' }),
    );
    const passed = await run('export', { dataset, select: 'passed' });
    expect((await lines(passed.folder, 'train.messages.jsonl')).map(({ id }) => id)).not.toContain(one);
    // Acceptance is a separate decision: the row is exported with both verdicts.
    const accepted = await run('export', { dataset, select: 'accepted' });
    expect(await lines(accepted.folder, 'train.messages.jsonl')).toMatchObject([
      { id: one, overrides: [{ reviewer: 'r1' }, { reviewer: 'r2', outcome: 'unknown' }] },
    ]);
  });

  test('a repeated export gives the same bytes in the same folder, also after its folder and index are deleted', async () => {
    const dataset = await sample();
    const [one = ''] = await ids(dataset, 'FT');
    await review(dataset, act('r1', one, { act: 'accept' }));
    const first = await run('export', { dataset, select: 'passed' });
    const before = await contents(first.folder);
    const { ctimeMs } = await stat(join(first.folder, 'manifest.json'));
    const again = await run('export', { dataset, select: 'passed' });
    expect(again).toEqual(first);
    expect((await stat(join(first.folder, 'manifest.json'))).ctimeMs).toBe(ctimeMs);
    await rm(join(dataset, '.cache'), { recursive: true });
    await rm(first.folder, { recursive: true });
    const third = await run('export', { dataset, select: 'passed' });
    expect(await contents(third.folder)).toEqual(before);
  });

  test('other content of the same name gets a new folder, and the first is unchanged', async () => {
    const dataset = await sample();
    const first = await run('export', { dataset, select: 'passed', name: 'set' });
    const before = await contents(first.folder);
    const [one = ''] = await ids(dataset, 'FT');
    await review(dataset, act('r1', one, { act: 'reject' }));
    const second = await run('export', { dataset, select: 'passed', name: 'set' });
    expect(second).toMatchObject({ folder: `${first.folder}-2`, chains: first.chains - 1 });
    expect(await contents(first.folder)).toEqual(before);
    expect((await readdir(join(dataset, 'exports'))).sort()).toEqual(['set', 'set-2']);
  });

  test('the manifest has hashes, counts and the lineage', async () => {
    const dataset = await sample();
    const [one = ''] = await ids(dataset, 'TT');
    const accepted = { ...act('r1', one, { act: 'accept' }), at: '2027-01-01T00:00:00.000Z' };
    await review(dataset, accepted);
    const { folder, files } = await run('export', { dataset, select: 'passed' });
    const manifest = await manifestOf(folder);
    for (const [name, { sha256, bytes }] of Object.entries(manifest.files)) {
      const content = await readFile(join(folder, name));
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
      expect(files[name]).toBe(sha256);
      expect(content.length).toBe(bytes);
    }
    expect(Object.keys(files).sort()).toEqual((await readdir(folder)).sort());
    const opened = await open(dataset);
    const passed = opened.index.chains().filter((chain) => chain.passed);
    const ofClass = (name: string): number => passed.filter((chain) => chain.class === name).length;
    expect(manifest).toMatchObject({
      dataset: { id: opened.settings.id, name: opened.settings.name },
      // The latest time of the lineage: here that of the one act.
      createdAt: accepted.at,
      counts: {
        chains: passed.length,
        byClass: { FT: ofClass('FT'), TT: ofClass('TT'), TF: ofClass('TF') },
        byDecision: { accepted: 1, pending: passed.length - 1 },
        byRound: { '0-handwritten': passed.length },
      },
      rounds: [{ round: '0-handwritten', kind: 'handwritten' }],
      reviewers: [{ reviewer: 'r1', accepted: 1, edited: 0 }],
      sources: [{ licence: 'MIT', chains: passed.length }],
    });
  });

  test('an endpoint is named by its host only: its path may contain a secret', async () => {
    const dataset = await sample();
    const plan = join(dataset, 'rounds/0-handwritten/plan.json');
    const model = { kind: 'openai', baseURL: 'https://example.org/secret/v1', model: 'm' };
    await writeFile(plan, JSON.stringify({ ...JSON.parse(await readFile(plan, 'utf8')), model }));
    const { folder } = await run('export', { dataset, select: 'passed' });
    expect((await manifestOf(folder)).rounds[0]?.model).toEqual({ kind: 'openai', model: 'm', host: 'example.org' });
    expect(JSON.stringify(await contents(folder))).not.toContain('secret');
  });

  test.each(['constructor', '__proto__', 'own: licence'])(
    'a licence that the hub does not know is “other” in the card: %s',
    async (licence) => {
      const dataset = await sample();
      const path = join(dataset, 'problems/sample.jsonl');
      const problems = (await readFile(path, 'utf8')).trim().split('\n');
      await writeFile(path, problems.map((line) => `${JSON.stringify({ ...JSON.parse(line), licence })}\n`).join(''));
      const { folder } = await run('export', { dataset, select: 'passed' });
      expect((await readFile(join(folder, 'README.md'), 'utf8')).split('\n')[2]).toBe('license: other');
    },
  );

  test('the card has front matter for the hub, and escapes markup in names', async () => {
    const dataset = await sample();
    await (await open(dataset)).saveSettings({ name: 'Evil\n# <script>[x](y)' });
    const { folder } = await run('export', { dataset, select: 'passed' });
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    const [, front = '', body = ''] = card.split(/^---$/m);
    expect(front).toContain('license: mit\n');
    expect(front).toContain('data_files: train.prompt_completion.jsonl\n  default: true');
    expect(front).toContain(`pretty_name: "Evil\\n# <script>[x](y): passed"`);
    expect(body).toContain('# Evil \\# \\<script\\>\\[x\\](y): passed');
  });

  test('the manifest names the policy of the last regrading that was applied to the whole round', async () => {
    const dataset = await sample();
    const path = join(dataset, 'rounds/0-handwritten/plan.json');
    const plan = { ...JSON.parse(await readFile(path, 'utf8')), createdAt: '2020-01-01T00:00:00.000Z' };
    await writeFile(path, JSON.stringify(plan));
    const [one = ''] = await ids(dataset, 'FT');
    const named = async () => {
      const { folder } = await run('export', { dataset, select: 'passed' });
      return (await manifestOf(folder)).rounds[0]?.grading;
    };
    const before = await named();
    const args = { dataset, policy: 'lenient', workers: 1 };
    await run('regrade', args);
    await run('regrade', { ...args, apply: true, chains: [one] });
    expect(await named()).toEqual(before);
    const { folder } = await run('regrade', { ...args, apply: true });
    await run('regrade', { ...args, policy: 'strict' });
    expect(await named()).toEqual(resolvePolicy('lenient'));
    // An interrupted regrading may have changed only some chains.
    const info = JSON.parse(await readFile(join(folder, 'grading.json'), 'utf8'));
    await writeFile(join(folder, 'grading.json'), JSON.stringify({ ...info, finishedAt: undefined }));
    expect(await named()).toEqual(before);
    await writeFile(join(folder, 'grading.json'), JSON.stringify(info));
    // Another round with the name of a deleted one.
    await writeFile(path, JSON.stringify({ ...plan, createdAt: '2100-01-01T00:00:00.000Z' }));
    expect(await named()).toEqual(before);
  });

  test('exports only the requested rounds', async () => {
    const dataset = await sample();
    await expect(run('export', { dataset, select: 'passed', rounds: ['9-no'] })).rejects.toThrow('no round “9-no”');
    const { folder } = await run('export', { dataset, select: 'passed', rounds: ['0-handwritten'] });
    expect((await manifestOf(folder)).selection.rounds).toEqual(['0-handwritten']);
  });

  test('an export without chains is an error with advice, and writes nothing', async () => {
    const dataset = await sample();
    await expect(run('export', { dataset, select: 'accepted' })).rejects.toMatchObject({
      message: 'No chain is accepted yet.',
      advice: expect.stringContaining('--select passed'),
    });
    const empty = (await run('init', { dataset: join(await temporaryFolder(), 'x') })).dataset;
    await expect(run('export', { dataset: empty, select: 'passed' })).rejects.toThrow('There are no chains to export.');
    expect(await readdir(dataset)).not.toContain('exports');
  });

  test('chains without a problem are excluded, which is logged', async () => {
    const dataset = await sample();
    const opened = await open(dataset);
    const gone = opened.index.chains().find((chain) => chain.passed)?.problemId ?? '';
    const path = join(dataset, 'problems/sample.jsonl');
    const kept = (await readFile(path, 'utf8')).split('\n').filter((line) => !line.includes(`"id":"${gone}"`));
    await writeFile(path, kept.join('\n'));
    const heard: Heard = { progress: [], log: [] };
    const { chains } = await run('export', { dataset, select: 'passed' }, { heard });
    expect(chains).toBe(opened.index.chains().filter((chain) => chain.passed && chain.problemId !== gone).length);
    expect(heard.log.join()).toContain(`its problem ${gone} is not in the dataset`);
  });

  test('a cancelled export leaves no files', async () => {
    const dataset = await sample();
    const cancel = new AbortController();
    const exporting = run(
      'export',
      { dataset, select: 'passed' },
      { signal: cancel.signal, onProgress: () => cancel.abort() },
    );
    await expect(exporting).rejects.toThrow(/abort/i);
    expect(await readdir(join(dataset, 'exports')).catch(() => [])).toEqual([]);
  });
});
