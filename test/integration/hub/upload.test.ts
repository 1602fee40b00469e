import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  endpointFromEnvironment,
  HubError,
  type LocalFile,
  type UploadOptions,
  upload,
} from '../../../src/hub/index.ts';
import { refuse, type ScriptedHub, startScriptedHub } from '../../fixtures/hub.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const TOKEN = 'hf_testtesttesttesttesttesttesttest';
const PRIVATE = { visibility: 'private', title: 'Publish a set' } as const;

let hub: ScriptedHub;
let files: LocalFile[];
let log: string[];

beforeEach(async () => {
  log = [];
  hub = await startScriptedHub({});
  hub.writer = TOKEN;
  const folder = await temporaryFolder();
  const contents = {
    'README.md': '# A set\n',
    'train.jsonl': '{"text":"a"}\n'.repeat(100_000),
    'train.parquet': 'b'.repeat(2_000),
  };
  files = await Promise.all(
    Object.entries(contents).map(async ([path, content]) => {
      await writeFile(join(folder, path), content);
      return { path, from: join(folder, path), bytes: content.length };
    }),
  );
});

afterEach(() => hub.close());

function send(options: Partial<UploadOptions> = {}, token = TOKEN): Promise<{ commit: string; uploaded: number }> {
  return upload('owner/set', files, PRIVATE, {
    endpoint: endpointFromEnvironment({ HF_ENDPOINT: hub.url, HF_TOKEN: token }),
    signal: new AbortController().signal,
    log: (text) => log.push(text),
    onBytes: () => undefined,
    ...options,
  });
}

async function refused(sending: Promise<unknown>): Promise<HubError> {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HubError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.advice).not.toBe('');
  return error;
}

const puts = (): string[] => hub.received.flatMap(({ method, path }) => (method === 'PUT' ? [path] : []));
const published = (): string[] => Object.keys(hub.repos['owner/set']?.files ?? {}).sort();

test('creates a private repository and commits all files together; the storage never gets the token', async () => {
  let bytes = 0;
  const { commit, uploaded } = await send({ onBytes: (sent) => (bytes = sent) });
  expect(uploaded).toBe(3);
  expect(hub.repos['owner/set']).toMatchObject({ commit, private: true, lfs: ['train.jsonl', 'train.parquet'] });
  expect(published()).toEqual(['.gitattributes', 'README.md', 'train.jsonl', 'train.parquet']);
  expect(String(hub.repos['owner/set']?.files['train.parquet'])).toBe('b'.repeat(2_000));
  expect(bytes).toBe(1_300_000 + 2_000);
  const content = hub.received.filter(({ host }) => host === 'content');
  expect(content).toHaveLength(2);
  expect(content.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test('uploads a second time only what changed', async () => {
  const first = await send();
  hub.received.length = 0;
  expect(await send()).toEqual({ commit: first.commit, uploaded: 0 });
  expect(hub.received.every(({ method }) => method === 'GET')).toBe(true);
  await writeFile(files[0]?.from ?? '', '# Another card\n');
  expect(await send()).toMatchObject({ uploaded: 1 });
  expect(puts()).toEqual([]);
  expect(String(hub.repos['owner/set']?.files['README.md'])).toBe('# Another card\n');
});

test('continues after a failure in the middle with the files that are not stored yet', async () => {
  hub.before = ({ method, path }, response) => {
    if (method !== 'POST' || !path.includes('/commit/')) return false;
    response.destroy();
    return true;
  };
  expect((await refused(send())).kind).toBe('unreachable');
  expect(published()).toEqual(['.gitattributes']);
  expect(puts()).toHaveLength(2);
  hub.before = undefined;
  hub.received.length = 0;
  expect(await send()).toMatchObject({ uploaded: 3 });
  expect(puts()).toEqual([]);
});

test('a hub that fails in the middle of a file shows nothing of the set, and the upload can be repeated', async () => {
  hub.partSize = 500_000;
  hub.before = ({ method, path }, response) => {
    if (method !== 'PUT' || !path.endsWith('/00002/3')) return false;
    refuse(response, 500, undefined, { 'retry-after': '0' });
    return true;
  };
  expect((await refused(send())).message).toMatch(/answers 500 to the upload\.$/);
  expect(published()).toEqual(['.gitattributes']);
  hub.before = undefined;
  expect(await send()).toMatchObject({ uploaded: 3 });
  expect(String(hub.repos['owner/set']?.files['train.jsonl'])).toBe('{"text":"a"}\n'.repeat(100_000));
});

test('uploads nothing to a repository that has become public since its plan', async () => {
  await send();
  const repo = hub.repos['owner/set'];
  if (repo) repo.private = false;
  await writeFile(files[0]?.from ?? '', '# Another card\n');
  expect((await refused(send())).message).toBe('owner/set is no longer private.');
  expect(String(repo?.files['README.md'])).toBe('# A set\n');
});

test('uploads large files in parts', async () => {
  hub.partSize = 500_000;
  await send();
  expect(puts().filter((path) => path.endsWith('/3'))).toHaveLength(3);
  expect(String(hub.repos['owner/set']?.files['train.jsonl'])).toBe('{"text":"a"}\n'.repeat(100_000));
});

test('tries again while the hub is busy, with the same content', async () => {
  let failures = 0;
  hub.before = ({ method }, response) => {
    if (method === 'GET' || failures++ % 2 === 1) return false;
    refuse(response, failures % 4 === 1 ? 429 : 500, undefined, { 'retry-after': '0' });
    return true;
  };
  await send();
  expect(published()).toHaveLength(4);
  expect(log.some((line) => line.includes('429'))).toBe(true);
});

test('a commit whose answer is lost is not made twice', async () => {
  let commits = 0;
  hub.before = ({ method, path }, response) => {
    if (method !== 'POST' || !path.includes('/commit/')) return false;
    commits += 1;
    // The first one is made, and its answer is lost.
    if (commits === 1) response.end = () => response.destroy();
    return false;
  };
  const { commit } = await send();
  expect(commits).toBe(2);
  expect(hub.repos['owner/set']?.commit).toBe(commit);
});

test('explains a refused token, a foreign repository and a change by someone else', async () => {
  const wrong = await refused(send({}, 'hf_wrong'));
  expect(wrong).toMatchObject({
    kind: 'bad-token',
    message: expect.stringContaining('refuses the token (status 401)'),
  });
  expect((await refused(send({}, 'secret'))).message).toContain('does not have the form of a token');
  expect((await refused(send({}, ''))).message).toBe('No token is set.');
  hub.before = ({ path }, response) => {
    if (path !== '/api/repos/create') return false;
    refuse(response, 409);
    return true;
  };
  expect((await refused(send())).message).toContain('that the token can’t read');
  hub.before = ({ method, path }, response) => {
    if (method !== 'POST' || !path.includes('/commit/')) return false;
    refuse(response, 412);
    return true;
  };
  expect((await refused(send())).kind).toBe('conflict');
  expect(published()).toEqual(['.gitattributes']);
});

test('names the address of a renamed repository', async () => {
  hub.before = ({ method }, response) => {
    if (method !== 'POST') return false;
    response.writeHead(307, { location: '/api/datasets/owner/renamed/preupload/main?x=1' }).end();
    return true;
  };
  const { message, advice } = await refused(send());
  expect(message).toContain(`redirects the upload to ${hub.url}/api/datasets/owner/renamed/preupload/main, which`);
  expect(advice).toBe('Use the present name of the repository.');
});

test.each(['GET', 'POST'])('a failure of %s has advice for an upload', async (broken) => {
  for (const status of [undefined, 400]) {
    hub.before = ({ method }, response) => {
      if (method !== broken) return false;
      if (status === undefined) response.destroy();
      else refuse(response, status);
      return true;
    };
    expect((await refused(send())).advice).toMatch(/what is uploaded is not uploaded again\.$/i);
  }
});

test('a missing file is not an error of the hub', async () => {
  files.push({ path: 'gone.txt', from: join(await temporaryFolder(), 'gone.txt'), bytes: 1 });
  await expect(send()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('sends files to no host that the hub may not name', async () => {
  hub.before = ({ path }, response) => {
    if (!path.endsWith('/objects/batch')) return false;
    const objects = [{ oid: 'a', size: 1, actions: { upload: { href: 'http://198.51.100.7/put' } } }];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ transfer: 'basic', objects }));
    return true;
  };
  expect(['untrusted', 'damaged']).toContain((await refused(send())).kind);
});

test('a cancel ends the upload, and nothing is published', async () => {
  const cancel = new AbortController();
  hub.before = ({ method }) => {
    if (method === 'PUT') cancel.abort(new Error('cancelled'));
    return false;
  };
  await expect(send({ signal: cancel.signal })).rejects.toThrow('cancelled');
  expect(published()).toEqual(['.gitattributes']);
});
