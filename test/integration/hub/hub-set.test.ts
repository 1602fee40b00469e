import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endpointFromEnvironment, fetchSet, HubError, type HubOptions, type HubSet } from '../../../src/hub/index.ts';
import { refuse, type ScriptedHub, send, startScriptedHub } from '../../fixtures/hub.ts';
import { temporaryFolder } from '../../unit/temporary-folder.ts';

const COMMIT = 'a'.repeat(40);
const LATER = 'b'.repeat(40);
const ROWS = '{"problem":"What is 1+1?","answer":"2"}\n';
const LARGE = Buffer.from(ROWS.repeat(20_000));

let hub: ScriptedHub;
let cache: string;
let log: string[];

beforeEach(async () => {
  log = [];
  cache = await temporaryFolder();
  hub = await startScriptedHub({
    'some/set': {
      commit: COMMIT,
      card: {
        license: 'mit',
        configs: [{ config_name: 'default', data_files: [{ split: 'test', path: 'data/test-*' }] }],
      },
      files: {
        'README.md': '# A set',
        'data/test-00000-of-00002.jsonl': ROWS,
        'data/test-00001-of-00002.jsonl': LARGE,
        'data/train-00000-of-00001.jsonl': ROWS,
      },
      lfs: ['data/test-00001-of-00002.jsonl'],
    },
  });
});

afterEach(() => hub.close());

function get(name: string, options: Partial<HubOptions> = {}, env: NodeJS.ProcessEnv = {}): Promise<HubSet> {
  return fetchSet(name, {
    endpoint: endpointFromEnvironment({ HF_ENDPOINT: hub.url, ...env }),
    cache,
    signal: new AbortController().signal,
    log: (text) => log.push(text),
    progress: () => undefined,
    ...options,
  });
}

async function refused(
  name: string,
  options: Partial<HubOptions> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<HubError> {
  const error: unknown = await get(name, options, env).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HubError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.advice).not.toBe('');
  return error;
}

/** The content of the cache, without what is the same after each call. */
async function cached(): Promise<string[]> {
  const names = await readdir(cache, { recursive: true });
  return names.filter((name) => /\.(?:jsonl|parquet|tmp)$/.test(name));
}

describe('loading a set into the cache', () => {
  test('stores its commit, files, licence and content, with large files from the content host', async () => {
    const { origin, files } = await get('hf:some/set');
    expect(origin).toEqual({
      name: `hf:some/set:default/test@${COMMIT}`,
      ...{ repo: 'some/set', config: 'default', split: 'test', commit: COMMIT, host: hub.host, licence: 'mit' },
      files: [
        { path: 'data/test-00000-of-00002.jsonl', hash: expect.stringMatching(/^[0-9a-f]{40}$/) },
        { path: 'data/test-00001-of-00002.jsonl', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ],
    });
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual([ROWS, LARGE.toString()]);
    expect(hub.received.some(({ host }) => host === 'content')).toBe(true);
  });

  test('needs no files the second time, no network for a named commit, and gives the same by its own name', async () => {
    const { origin, files } = await get('hf:some/set');
    const asked = hub.received.length;
    expect((await get('hf:some/set')).files).toEqual(files);
    expect(hub.received.slice(asked).map(({ path }) => path)).toEqual([expect.stringContaining('/revision/main')]);
    await hub.close();
    expect(await get(origin.name)).toEqual({ origin, files });
  });

  test('loads a branch that moved again, and keeps an earlier commit', async () => {
    await get('hf:some/set');
    const repo = hub.repos['some/set'];
    if (repo === undefined) throw new Error('no repo');
    const more = { ...repo, commit: LATER, files: { ...repo.files, 'data/test-00000-of-00002.jsonl': ROWS + ROWS } };
    hub.repos = { 'some/set': more };
    const { origin, files } = await get('hf:some/set');
    expect(origin.commit).toBe(LATER);
    expect(await readFile(files[0] ?? '', 'utf8')).toBe(ROWS + ROWS);
    const before = await get(`hf:some/set@${COMMIT}`);
    expect(await readFile(before.files[0] ?? '', 'utf8')).toBe(ROWS);
  });

  test('uses the cached branch without the network and reports it; an unknown set fails with advice', async () => {
    const { origin } = await get('hf:some/set');
    await hub.close();
    expect((await get('hf:some/set')).origin).toEqual(origin);
    expect(log.at(-1)).toMatch(/could not be reached.*at commit aaaaaaaaaaaa from the cache/);
    expect((await refused('hf:other/set')).kind).toBe('unreachable');
    expect((await get('hf:some/set', {}, { HF_HUB_OFFLINE: '1' })).origin).toEqual(origin);
    expect((await refused('hf:other/set', {}, { HF_HUB_OFFLINE: '1' })).message).toMatch(/HF_HUB_OFFLINE is set/);
  });

  test('loads a file that was changed in the cache again', async () => {
    const { files } = await get('hf:some/set');
    await writeFile(files[0] ?? '', 'something else');
    expect((await get('hf:some/set')).files).toEqual(files);
    expect(await readFile(files[0] ?? '', 'utf8')).toBe(ROWS);
  });

  test('requests a listing that was changed in the cache again', async () => {
    const { origin } = await get('hf:some/set');
    const path = (await readdir(cache, { recursive: true })).find((name) => name.endsWith('listing.json')) ?? '';
    await writeFile(join(cache, path), (await readFile(join(cache, path), 'utf8')).replaceAll('data/', '../../'));
    expect((await get(origin.name)).origin).toEqual(origin);
  });
});

describe('the token', () => {
  test('is sent to the hub and never to the host that it redirects to', async () => {
    await get('hf:some/set', {}, { HF_TOKEN: 'hf_secret' });
    const sent = (host: string): unknown[] =>
      hub.received.filter((one) => one.host === host).map(({ headers }) => headers.authorization);
    expect(new Set(sent('hub'))).toEqual(new Set(['Bearer hf_secret']));
    expect(new Set(sent('content'))).toEqual(new Set([undefined]));
    const names = await readdir(cache, { recursive: true, withFileTypes: true });
    for (const each of names.filter((one) => one.isFile())) {
      expect(await readFile(join(each.parentPath, each.name), 'utf8')).not.toContain('hf_secret');
    }
  });

  test('opens a gated set; without it, the error names the terms', async () => {
    const repo = hub.repos['some/set'];
    if (repo) repo.gated = true;
    const error = await refused('hf:some/set');
    expect(error).toMatchObject({ kind: 'gated', message: 'some/set is gated.' });
    expect(error.advice).toContain(`${hub.url}/datasets/some/set`);
    expect(error.advice).toContain('HF_TOKEN');
    expect((await get('hf:some/set', {}, { HF_TOKEN: 'hf_x' })).files).toHaveLength(2);
  });

  test('is not sent over plain http to another machine', () => {
    expect(() => endpointFromEnvironment({ HF_ENDPOINT: 'http://hub.example', HF_TOKEN: 'hf_x' })).toThrow(
      /plain http/,
    );
    expect(() => endpointFromEnvironment({ HF_ENDPOINT: 'ftp://hub.example' })).toThrow(/not a valid address/);
    expect(endpointFromEnvironment({})).toMatchObject({
      url: 'https://huggingface.co',
      loopback: false,
      offline: false,
    });
  });
});

describe('errors with advice', () => {
  test.each([
    ['hf:no/such', 'not-found', /has no set no\/such, or it is private/],
    ['hf:some/set@other', 'not-found', /some\/set has no such branch, tag or commit/],
    ['hf:some/set:/validation', 'not-found', /has no split validation. It has: test/],
    ['hf:some/set:other', 'not-found', /has no config other. It has: default/],
    ['hf:some/set:no.jsonl', 'not-found', /has no file no.jsonl. It has: data\/test/],
    ['hf:../set', 'bad-name', /names no set/],
  ] as const)('%s', async (name, problem, message) => {
    const error = await refused(name);
    expect(error.kind).toBe(problem);
    expect(error.message).toMatch(message);
  });

  test('a busy hub is retried for as long as it asks; one that stays busy is an error', async () => {
    let busy = 2;
    hub.before = (_request, response) => {
      if (busy-- <= 0) return false;
      refuse(response, busy % 2 === 0 ? 429 : 503, undefined, { 'retry-after': '0' });
      return true;
    };
    expect((await get('hf:some/set')).files).toHaveLength(2);
    busy = Number.POSITIVE_INFINITY;
    hub.before = (_request, response) => {
      refuse(response, 429, undefined, { ratelimit: '"api";r=0;t=0' });
      return true;
    };
    expect((await refused('hf:no/such')).kind).toBe('rate-limited');
    hub.before = (_request, response) => {
      refuse(response, 429, undefined, { 'retry-after': '3600' });
      return true;
    };
    const asked = hub.received.length;
    expect((await refused('hf:no/such')).advice).toContain('HF_TOKEN');
    expect(hub.received.length - asked).toBe(1);
  });

  test('a set that is too large is not downloaded', async () => {
    const error = await refused('hf:some/set', { mostBytes: 100_000 });
    expect(error).toMatchObject({ kind: 'too-large', message: expect.stringContaining('2 files') });
    expect(await cached()).toEqual([]);
  });

  test('the login page of a network is not taken for the hub', async () => {
    hub.before = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
      return true;
    };
    expect((await refused('hf:some/set')).message).toMatch(/does not answer as the Hugging Face hub does/);
  });
});

describe('interrupted downloads', () => {
  /** Sends the large file up to a point and closes the connection, the first `times` times. */
  function cut(times: number, bytes: number): void {
    hub.before = (request, response) => {
      if (request.host !== 'content' || times-- <= 0) return false;
      const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': LARGE.length - from });
      response.write(LARGE.subarray(from, from + bytes), () => response.destroy());
      return true;
    };
  }

  test('resume from their last byte', async () => {
    cut(2, 100_000);
    const { files } = await get('hf:some/set');
    expect((await readFile(files[1] ?? '')).equals(LARGE)).toBe(true);
    const ranges = hub.received.filter(({ host }) => host === 'content').map(({ headers }) => headers.range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
    expect(ranges).toHaveLength(3);
  });

  test('are complete too where the host does not support ranges', async () => {
    let first = true;
    hub.before = (request, response) => {
      if (request.host !== 'content') return false;
      if (first) {
        first = false;
        response.writeHead(200, { 'content-length': LARGE.length });
        response.write(LARGE.subarray(0, 50_000), () => response.destroy());
      } else send(LARGE, { headers: {} }, response);
      return true;
    };
    const { files } = await get('hf:some/set');
    expect((await readFile(files[1] ?? '')).equals(LARGE)).toBe(true);
  });

  test('from a host that stalls are given up, and leave nothing behind', async () => {
    hub.before = (request, response) => {
      if (request.host !== 'content') return false;
      response.writeHead(200, { 'content-length': LARGE.length });
      response.flushHeaders();
      return true;
    };
    const error = await refused('hf:some/set', { idleMs: 50 });
    expect(error.message).toMatch(/silent for too long/);
    expect((await cached()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('keep their complete files after a cancel, and the next download requests only the rest', async () => {
    const stop = new AbortController();
    hub.before = (request, response) => {
      if (request.host !== 'content') return false;
      response.writeHead(200, { 'content-length': LARGE.length });
      response.write(LARGE.subarray(0, 1000), () => stop.abort(new Error('cancelled')));
      return true;
    };
    await expect(get('hf:some/set', { signal: stop.signal })).rejects.toThrow('cancelled');
    expect(await cached()).toHaveLength(1);
    hub.before = undefined;
    const asked = hub.received.length;
    await get('hf:some/set');
    const resolved = hub.received.slice(asked).filter(({ path }) => path.includes('/resolve/'));
    expect(resolved.map(({ path }) => path)).toEqual([expect.stringContaining('test-00001')]);
  });

  test('of a killed process are removed', async () => {
    const { files } = await get('hf:some/set');
    const left = join(files[0] ?? '', '..', '.x.jsonl.99999999.0.tmp');
    await writeFile(left, 'half');
    await get('hf:some/set');
    expect((await cached()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('hostile answers', () => {
  const answerWith = (match: RegExp, body: unknown, headers: Record<string, string> = {}): void => {
    hub.before = ({ path }, response) => {
      if (!match.test(path)) return false;
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
      return true;
    };
  };
  const entry = (path: string, more: object = {}): object => ({
    type: 'file',
    path,
    size: 3,
    oid: 'c'.repeat(40),
    ...more,
  });

  test('paths outside of the repository are refused', async () => {
    const paths = [
      '../../etc/test.jsonl',
      '/test.jsonl',
      'a\\..\\test.jsonl',
      'data/./test.jsonl',
      'test.jsonl?x.jsonl',
      'C:/test.jsonl',
    ];
    answerWith(
      /\/tree\//,
      paths.map((path) => entry(path)),
    );
    expect((await refused('hf:some/set')).kind).toBe('not-found');
    expect(hub.received.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
    expect(await cached()).toEqual([]);
  });

  test.each([
    ['longer than its listed size', Buffer.concat([LARGE, LARGE]), /longer than the/],
    ['different with the same length', Buffer.alloc(LARGE.length, 'x'), /its hash differs/],
  ])('a file that is %s is not kept', async (_how, bytes, message) => {
    hub.before = ({ host }, response) => {
      if (host !== 'content') return false;
      response.writeHead(200).end(bytes);
      return true;
    };
    expect((await refused('hf:some/set')).message).toMatch(message);
    expect(await cached()).toHaveLength(1);
  });

  test('an invalid commit, an invalid size, and lists of another shape are refused', async () => {
    answerWith(/\/revision\//, { id: 'some/set', sha: '../../x' });
    expect((await refused('hf:some/set')).kind).toBe('damaged');
    for (const size of [-1, 1.5, 'many', 1e300]) {
      answerWith(/\/tree\//, [entry('data/test-0.jsonl', { size })]);
      expect((await refused('hf:some/set', { cache: await temporaryFolder() })).kind).toBe('not-found');
    }
    for (const body of [null, 7, { a: 1 }]) {
      answerWith(/\/tree\//, body);
      expect((await refused('hf:some/set', { cache: await temporaryFolder() })).kind).toBe('damaged');
    }
  });

  test('a list with its next page on another host, or without an end, is refused', async () => {
    answerWith(/\/tree\//, [], { link: '<https://elsewhere.example/api>; rel="next"' });
    expect((await refused('hf:some/set', {}, { HF_TOKEN: 'hf_x' })).kind).toBe('untrusted');
    const many = Array.from({ length: 5000 }, (_, i) => entry(`data/test-${i}.jsonl`));
    answerWith(/\/tree\//, many, { link: `<${hub.url}/api/datasets/some/set/tree/x>; rel="next"` });
    expect((await refused('hf:some/set')).message).toMatch(/more than 20,000 files/);
  });

  test('redirects by plain http to another machine, in a circle, or to an invalid address are refused', async () => {
    for (const [location, problem] of [
      ['http://elsewhere.example/x', 'untrusted'],
      ['file:///etc/passwd', 'untrusted'],
      ['https://user:pass@elsewhere.example/', 'untrusted'],
      ['http://[', 'untrusted'],
      [`${hub.url}/circle`, 'untrusted'],
    ] as const) {
      hub.before = (_request, response) => {
        response.writeHead(302, { location }).end();
        return true;
      };
      expect((await refused('hf:some/set')).kind).toBe(problem);
    }
  });

  test('an address of a redirect with a malformed percent sign is shown as it is', async () => {
    const address = '/datasets/some/100%/resolve/main/a%zz.jsonl';
    for (const [code, shown] of [
      ['', 'some/100%'],
      ['EntryNotFound', 'a%zz.jsonl'],
    ] as const) {
      hub.before = ({ path }, response) => {
        if (path === address) response.writeHead(404, code === '' ? {} : { 'x-error-code': code }).end();
        else response.writeHead(302, { location: address }).end();
        return true;
      };
      const { kind, message } = await refused('hf:some/set');
      expect(kind).toBe('not-found');
      expect(message).toContain(shown);
    }
  });

  test('a card of another shape is ignored, and file names decide', async () => {
    for (const card of [null, 'text', { configs: 'x', license: 7 }, { configs: [{ data_files: 3 }] }]) {
      hub.repos = { 'some/set': { commit: COMMIT, card, files: { 'test.jsonl': ROWS } } };
      const { origin } = await get('hf:some/set', { cache: await temporaryFolder() });
      expect(origin).toMatchObject({ split: 'test', files: [{ path: 'test.jsonl' }] });
      expect(origin.licence).toBeUndefined();
    }
  });
});
