import { spawn } from 'node:child_process';
import { cp, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VerbArgs, VerbResult } from '../../../src/verbs/index.ts';
import { type ScriptedHub, startScriptedHub } from '../../fixtures/hub.ts';
import { act } from '../../unit/store/fixtures.ts';
import { DIST, open, run, temporaryFolder } from '../../unit/verbs/run.ts';

const TOKEN = 'hf_testtesttesttesttesttesttesttest';
const REVIEWER = 'Maria Muster';

let hub: ScriptedHub;
let env: NodeJS.ProcessEnv;
let dataset: string;
let folder: string;

beforeEach(async () => {
  hub = await startScriptedHub({});
  hub.writer = TOKEN;
  env = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, LONGHAND_CACHE: await temporaryFolder() };
  dataset = (await run('sample', { dataset: join(await temporaryFolder(), 'sample') })).dataset;
  const opened = await open(dataset);
  for (const { id } of opened.index.chains().slice(0, 6)) {
    await opened.appendReview(act(REVIEWER, id, { act: 'override', outcome: 'correct', reason: 'checked by hand' }));
    await opened.appendReview(act(REVIEWER, id, { act: 'accept' }));
  }
  folder = (await run('export', { dataset, select: 'accepted' })).folder;
});

afterEach(() => hub.close());

const publish = (args: Partial<VerbArgs<'publish'>>): Promise<VerbResult<'publish'>> =>
  run('publish', { export: folder, to: 'owner/set', ...args }, { env });

const content = (name: string): string => String(hub.repos['owner/set']?.files[name]);
const everything = (): string =>
  Object.keys(hub.repos['owner/set']?.files ?? {})
    .map(content)
    .join('\n');

test('uploads exactly the plan that was confirmed, privately, and nothing before', async () => {
  const plan = await publish({ plan: true });
  expect(plan).toMatchObject({ visibility: 'private', exists: false, rows: 6, others: 0, sensitiveCount: 0 });
  expect(plan.files.map(({ path, state }) => [path, state])).toContainEqual(['README.md', 'new']);
  expect(hub.received.every(({ method }) => method === 'GET')).toBe(true);
  await expect(publish({})).rejects.toThrow('Nothing is uploaded without a plan');
  await expect(publish({ confirm: 'another' })).rejects.toThrow('The plan is not the one that was confirmed');
  await expect(publish({ confirm: plan.confirm, public: true })).rejects.toThrow('not the one that was confirmed');
  expect(hub.received.every(({ method }) => method === 'GET')).toBe(true);
  const done = await publish({ confirm: plan.confirm });
  expect(done).toMatchObject({ uploaded: plan.files.length, commit: hub.repos['owner/set']?.commit });
  expect(hub.repos['owner/set']?.private).toBe(true);
  // The number does not depend on what the repository has, so that a killed upload is resumed by the same command.
  expect(await publish({ confirm: plan.confirm })).toMatchObject({ uploaded: 0, commit: done.commit });
});

test('counts rows for validation too', async () => {
  const split = await run('export', { dataset, select: 'accepted', validation: 0.4 });
  expect(await publish({ plan: true, export: split.folder })).toMatchObject({ rows: 6 });
});

test('names reviewers and publishes their reviews only when asked', async () => {
  await publish({ confirm: (await publish({ plan: true })).confirm });
  expect(everything()).not.toContain(REVIEWER);
  expect(content('train.messages.jsonl')).toContain('"reviewer":"reviewer-1"');
  expect(content('manifest.json')).toContain('"reviewer": "reviewer-1"');
  expect(content('README.md')).toContain('Reviewed by reviewer-1');
  expect(Object.keys(hub.repos['owner/set']?.files ?? {})).not.toContain('reviews.jsonl');
  const options = { reviews: true, reviewerNames: true };
  await publish({ ...options, confirm: (await publish({ ...options, plan: true })).confirm });
  expect(content('train.messages.jsonl')).toBe(await readFile(join(folder, 'train.messages.jsonl'), 'utf8'));
  expect(content('reviews.jsonl')).toContain(REVIEWER);
});

test('a query that names reviewers is published with their pseudonyms, and a name that is an address blocks nothing', async () => {
  const [address, name] = ['ada@lovelace.org', 'rev-named-in-query'];
  const opened = await open(dataset);
  const [{ id = '' } = {}] = opened.index.chains();
  await opened.appendReview(act(address, id, { act: 'accept' }));
  const where = `reviewer = "${address}" not assigned = ${name}`;
  folder = (await run('export', { dataset, select: 'accepted', name: 'queried', where })).folder;
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(name);
  const plan = await publish({ plan: true });
  expect(plan).toMatchObject({ sensitiveCount: 0 });
  await publish({ confirm: plan.confirm });
  expect(everything()).not.toContain(address);
  expect(everything()).not.toContain(name);
  expect(content('README.md')).toContain('reviewer = reviewer-2 and not assigned = reviewer-3');
  expect(await publish({ plan: true, reviewerNames: true })).toMatchObject({ sensitiveCount: 1 });
});

test('without reviews, rows have neither reasons nor tags of reviewers', async () => {
  const opened = await open(dataset);
  const [{ id = '' } = {}] = opened.index.chains();
  await opened.appendReview(act(REVIEWER, id, { act: 'tag', tag: 'a-tag-of-review' }));
  folder = (await run('export', { dataset, select: 'accepted', name: 'tagged', files: 'both' })).folder;
  await publish({ confirm: (await publish({ plan: true })).confirm });
  expect(everything()).not.toContain('checked by hand');
  expect(everything()).not.toContain('a-tag-of-review');
  expect(content('train.messages.jsonl')).toContain('"reason":""');
  await publish({ reviews: true, confirm: (await publish({ plan: true, reviews: true })).confirm });
  for (const text of ['checked by hand', 'a-tag-of-review']) expect(content('train.messages.jsonl')).toContain(text);
});

test('keys and personal data block it until they are allowed; the plan lists the places without the texts', async () => {
  const opened = await open(dataset);
  const secret = `sk-ant-${'a1'.repeat(20)}`;
  const [first] = opened.index.chains();
  const note = { act: 'override' as const, outcome: 'correct' as const, reason: `with ${secret} of ada@lovelace.org` };
  await opened.appendReview(act(REVIEWER, first?.id ?? '', note));
  folder = (await run('export', { dataset, select: 'accepted', name: 'leaky' })).folder;
  expect(await publish({ plan: true })).toMatchObject({ sensitiveCount: 0 });
  const plan = await publish({ plan: true, reviews: true });
  expect(plan.sensitiveCount).toBeGreaterThanOrEqual(2);
  expect(plan.sensitive[0]).toMatchObject({ line: 1, reason: 'The text contains an Anthropic API key.' });
  expect(JSON.stringify(plan)).not.toContain(secret);
  const { confirm } = plan;
  await expect(publish({ confirm, reviews: true })).rejects.toThrow('keys or personal data');
  expect(hub.received.every(({ method }) => method === 'GET')).toBe(true);
  const allowed = await publish({ confirm, reviews: true, allowSensitive: true });
  expect(allowed).toMatchObject({ uploaded: plan.files.length });
});

test('a plan during an upload leaves the upload its files, and plans leave only their card', async () => {
  const { confirm } = await publish({ plan: true });
  let planned: Promise<unknown> | undefined;
  let answer = (): void => undefined;
  hub.before = ({ method, path }, response) => {
    if (method !== 'POST' || !path.endsWith('/create') || planned !== undefined) return false;
    planned = publish({ plan: true });
    answer = () => void response.writeHead(409).end();
    void planned.finally(answer);
    hub.repos = { ...hub.repos, 'owner/set': { commit: 'a'.repeat(40), files: {}, private: true } };
    return true;
  };
  const plan = await publish({ confirm });
  expect(plan).toMatchObject({ uploaded: plan.files.length });
  await planned;
  const kept = await readdir(join(env.LONGHAND_CACHE ?? '', 'publish'), { recursive: true, withFileTypes: true });
  expect(kept.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['README.md']);
  await expect(publish({ plan: true, to: 'set' })).rejects.toThrow('“set” is not the name of a repository.');
});

test('a public repository needs --public, a changed export another export, and a folder a manifest', async () => {
  hub.repos = { 'owner/set': { commit: 'a'.repeat(40), files: { 'other.txt': 'x' } } };
  const plan = await publish({ plan: true });
  expect(plan).toMatchObject({ visibility: 'public', exists: true, others: 1 });
  await expect(publish({ confirm: plan.confirm })).rejects.toThrow('owner/set is public');
  await expect(publish({ plan: true, to: 'set' })).rejects.toThrow('OWNER/NAME');
  await expect(publish({ plan: true, export: dataset })).rejects.toThrow('is not an export');
  await writeFile(join(folder, 'train.messages.jsonl'), '{}\n');
  await expect(publish({ plan: true })).rejects.toThrow('is not what the manifest lists');
});

test.skipIf(process.platform === 'win32')('a file behind a symbolic link is not published', async () => {
  const outside = join(await temporaryFolder(), 'rows');
  const path = join(folder, 'train.messages.jsonl');
  await rename(path, outside);
  await symlink(outside, path);
  await expect(publish({ plan: true })).rejects.toThrow('train.messages.jsonl is behind a symbolic link');
  // The folder itself may be one.
  await rename(outside, path);
  await symlink(folder, outside);
  expect(await publish({ plan: true, export: outside })).toMatchObject({ rows: 6 });
});

test('the card states licence, configurations, features, contamination, duplicates and verdicts', async () => {
  const plan = await publish({ plan: true, licence: 'cc-by-4.0' });
  expect(plan.licence).toBe('cc-by-4.0');
  const card = await readFile(plan.card, 'utf8');
  expect(card).toMatch(
    /^---\npretty_name: [\s\S]*\nlicense: cc-by-4\.0\n[\s\S]*\nsize_categories:\n- n<1K\nconfigs:\n/,
  );
  expect(card).toMatch(/\ndataset_info:\n- config_name: prompt_completion\n {2}features:\n/);
  expect(card).toContain('num_examples: 6');
  expect(card).toMatch(/## Examination\n\n6 rows examined/);
  expect(card).toMatch(
    /- Contamination: .*\n- Duplicates: .*\n- Verdicts on the final answers by the policy “default”: correct 5/,
  );
});

test('the statements name the policy of the dataset, and why something was not checked', async () => {
  const settings = join(dataset, 'longhand.json');
  const text = JSON.parse(await readFile(settings, 'utf8'));
  await writeFile(settings, JSON.stringify({ ...text, grading: 'strict' }));
  expect((await publish({ plan: true })).statements.join(' ')).toMatch(/dataset has no benchmarks.*policy “strict”/);
  const elsewhere = join(await temporaryFolder(), 'exports', 'copy');
  await cp(folder, elsewhere, { recursive: true });
  const { statements } = await publish({ plan: true, export: elsewhere });
  expect(statements.join(' ')).toMatch(/the export is in no dataset.*policy “default”/);
});

test('a process that is killed in the middle of an upload resumes with the files that are not stored', {
  timeout: 120_000,
}, async () => {
  folder = (await run('export', { dataset, select: 'accepted', name: 'both', files: 'both' })).folder;
  const plan = await publish({ plan: true });
  const large = plan.files.filter(({ path }) => path.endsWith('.parquet'));
  expect(large.length).toBeGreaterThan(1);
  const args = ['publish', folder, '--to', 'owner/set', '--confirm', plan.confirm, '--json'];
  const killed = await new Promise<NodeJS.Signals | null>((resolve) => {
    const child = spawn(process.execPath, [join(DIST, 'cli.mjs'), ...args], { env: { ...process.env, ...env } });
    hub.before = ({ method, path }) => {
      // The commit is never answered: all large files are stored by then.
      if (method !== 'POST' || !path.includes('/commit/')) return false;
      child.kill('SIGKILL');
      return true;
    };
    child.on('exit', (_code, signal) => resolve(signal));
  });
  expect(killed).toBe('SIGKILL');
  expect(Object.keys(hub.repos['owner/set']?.files ?? {})).toEqual(['.gitattributes']);
  expect(hub.received.filter(({ method }) => method === 'PUT')).toHaveLength(large.length);
  hub.before = undefined;
  expect(await publish({ confirm: plan.confirm })).toMatchObject({ uploaded: plan.files.length });
  expect(hub.received.filter(({ method }) => method === 'PUT')).toHaveLength(large.length);
});
