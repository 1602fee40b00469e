// The parts of media/python/sample_shard.py that need no Ray, by the system's python3. The endpoint is a SCRIPTED server.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { redactKey } from '../../../src/core/text/redact-key.ts';
import { keyBoundTo } from '../../../src/models/environment-key.ts';
import { listen } from '../../fixtures/listen.ts';

const SCRIPTS = join(import.meta.dirname, '../../../media/python');

async function python(code: string, env: Record<string, string> = {}, args: string[] = []): Promise<unknown> {
  const script = `import json, sys\nsys.path.append(${JSON.stringify(SCRIPTS)})\nimport sample_shard as shard\n${code}`;
  const rest = { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)('python3', ['-c', script, ...args], { env: { ...rest, ...env } });
  return JSON.parse(stdout);
}

it('uses a key only for the host that LONGHAND_API_HOST names, as the command line does', async () => {
  const urls = [
    'https://api.example/v1',
    'https://API.example:443/v1',
    'https://api.example:8443/v1',
    'https://api.example.evil/v1',
    'https://api.example@evil.example/v1',
    'http://api.example/v1',
    'http://api.example:8000/v1',
    'http://127.0.0.1:8000/v1',
    'http://localhost/v1',
    'http://[::1]:8000/v1',
  ];
  const names = [
    '',
    'api.example',
    ' api.example:8443 ',
    'http://api.example:8000',
    'http://api.example',
    '127.0.0.1:8000',
    '[::1]:8000',
    'http://localhost',
    'no host',
  ];
  const cases = urls.flatMap((url) => names.map((host) => ({ url, host })));
  const code = `print(json.dumps([shard.key_for(c["url"], {"LONGHAND_API_KEY": "k", "LONGHAND_API_HOST": c["host"]}) is not None for c in json.loads(sys.argv[1])]))`;
  const sent = await python(code, {}, [JSON.stringify(cases)]);
  const expected = cases.map(
    ({ url, host }) =>
      !url.includes('@') && keyBoundTo(url, { LONGHAND_API_KEY: 'k', LONGHAND_API_HOST: host }) !== undefined,
  );
  expect(sent).toEqual(expected);
  expect(expected.filter(Boolean).length).toBeGreaterThan(6);
});

it('sends the key to no other host, and follows no redirect', async () => {
  const seen: { path: string | undefined; key: string | undefined }[] = [];
  const address = await listen((request, response) => {
    seen.push({ path: request.url, key: request.headers.authorization });
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const { host } = new URL(address);
  const code = `
line = {"key": "a", "request": {"model": "m", "messages": [], "seed": 1, "sampling": {"temperature": 1, "topP": 1, "maxTokens": 9}}}
try:
    result = shard.ask(sys.argv[1], line, 20)
except shard.Fatal as error:
    result = str(error)
print(json.dumps(result))`;
  const url = `http://${host}/v1/chat/completions`;
  expect(await python(code, { LONGHAND_API_KEY: 'k' }, [url])).toMatch(/answers 302.*LONGHAND_API_KEY was not sent/);
  await python(code, { LONGHAND_API_KEY: 'k', LONGHAND_API_HOST: 'api.example' }, [url]);
  await python(code, { LONGHAND_API_KEY: 'k', LONGHAND_API_HOST: host }, [url]);
  expect(seen.map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'));
  expect(seen.map(({ key }) => key)).toEqual([undefined, undefined, 'Bearer k']);
});

it('waits as long as the server asks, within the limit, and at least its own back-off', async () => {
  const code = `print(json.dumps([shard.wait_of({"Retry-After": after}, 0, 30) for after in json.loads(sys.argv[1])]))`;
  const waits = (await python(code, {}, [
    JSON.stringify(['20', '1e9', 'inf', 'nan', '-5', '', 'Fri, 01 Jan 2100 00:00:00 GMT']),
  ])) as number[];
  expect(waits.map((wait) => (wait <= 1 ? 'own' : wait))).toEqual([20, 30, 30, 'own', 'own', 'own', 30]);
});

it('marks an answer as truncated when it fills its tokens or the context of the model', async () => {
  const code = `print(json.dumps([shard.finish_of(*one) for one in json.loads(sys.argv[1])]))`;
  const row = { num_input_tokens: 60, num_generated_tokens: 40 };
  const cases = [
    [row, 40, 0],
    [row, 50, 100],
    [row, 50, 101],
    [row, 50, 0],
    [{ ...row, finish_reason: 'stop' }, 40, 100],
  ];
  expect(await python(code, {}, [JSON.stringify(cases)])).toEqual(['length', 'length', 'stop', 'stop', 'stop']);
});

it('uses CPUs for vLLM only with a CPU build and without a GPU node, and reports when it waits for one', async () => {
  const code = `
import contextlib, importlib.metadata, io, types
def chosen(gpus, version):
    importlib.metadata.version = lambda name: version
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        options = shard.without_gpus(types.SimpleNamespace(cluster_resources=lambda: {"CPU": 2.0, **gpus}))
    return [options, output.getvalue().strip()]
print(json.dumps([chosen({"GPU": 8.0}, "0.32.0+cpu"), chosen({}, "0.32.0+cpu"), chosen({}, "0.32.0")]))`;
  expect(await python(code)).toEqual([
    [{}, ''],
    [{ placement_group_config: { bundle_per_worker: { CPU: 1 } } }, expect.stringContaining('uses CPUs')],
    [{}, expect.stringContaining('waits until one has')],
  ]);
});

it('divides the requests in flight among the HTTP processor’s workers, and never exceeds their number', async () => {
  const code = `
import types
def sizes(concurrency, shards, count):
    return shard.http_sizes(types.SimpleNamespace(concurrency=concurrency, shards=shards), count)
print(json.dumps([sizes(*one) for one in json.loads(sys.argv[1])]))`;
  const cases = [
    [6, 1, 16],
    [7, 2, 100],
    [2, 8, 9],
    [40, 2, 5],
  ];
  expect(await python(code, {}, [JSON.stringify(cases)])).toEqual([
    [1, 6, 2],
    [2, 3, 13],
    [2, 1, 2],
    [2, 20, 1],
  ]);
});

it('removes a key that a server repeats, in every form in which redactKey finds it', async () => {
  const key = 'sk-Very+Secret/0123&456789';
  const bytes = Buffer.from(key);
  const quoted = [
    ...[key, encodeURIComponent(key), encodeURIComponent(encodeURIComponent(key)), JSON.stringify(key)],
    [...bytes].map((byte) => `%${byte.toString(16)}`).join(''),
    [...key].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    [...key].map((one) => `&#${one.charCodeAt(0)};`).join(''),
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    ...['', 'u', 'us', 'user:'].flatMap((before) => [
      Buffer.from(before + key).toString('base64'),
      Buffer.from(`${before}${key}:x`).toString('base64url'),
    ]),
    'nothing to hide',
  ].map((form) => `bad key ${form}!`);
  const code = 'print(json.dumps([shard.redact(text, sys.argv[1]) for text in json.loads(sys.argv[2])]))';
  expect(await python(code, {}, [key, JSON.stringify(quoted)])).toEqual(quoted.map((text) => redactKey(text, key)));
  expect(await python('print(json.dumps([shard.redact("key k!", "k"), shard.redact("a", None)]))')).toEqual([
    '…ey …!',
    'a',
  ]);
});

it('removes the key before it shortens a message of the server', async () => {
  const key = 'sk-very-secret-0123456789';
  const quoted = Buffer.from(`user:${key}`).toString('base64');
  const address = await listen((_request, response) => {
    response.writeHead(400).end('x'.repeat(1975) + quoted);
  });
  const { host } = new URL(address);
  const code = `
line = {"key": "a", "request": {"model": "m", "messages": [], "seed": 1, "sampling": {"temperature": 1, "topP": 1, "maxTokens": 9}}}
print(json.dumps(shard.ask(sys.argv[1], line, 20)["error"]["message"]))`;
  const env = { LONGHAND_API_KEY: key, LONGHAND_API_HOST: host };
  const message = String(await python(code, env, [`http://${host}/v1/chat/completions`]));
  expect(message).not.toContain(quoted.slice(8, 20));
  expect(message.length).toBeLessThanOrEqual(2000);
});

it('waits at least its own back-off, and longer where the server asks for it', async () => {
  const code = `
import email.utils, time
rows = [("0", 3), ("-1", 3), ("", 3), ("nan", 3), ("x", 3), ("90", 0), (email.utils.formatdate(time.time() + 120, usegmt=True), 0)]
print(json.dumps([shard.wait_of({"Retry-After": after}, waits) for after, waits in rows]))`;
  const waits = (await python(code)) as number[];
  for (const wait of waits.slice(0, 5)) expect(wait).toBeGreaterThanOrEqual(4);
  for (const wait of waits.slice(0, 5)) expect(wait).toBeLessThanOrEqual(8);
  expect(waits[5]).toBe(90);
  expect(waits[6]).toBeGreaterThan(100);
});

it('limits a rate limit by time instead of retries, and limits the size of a reply', async () => {
  let asked = 0;
  const address = await listen((_request, response) => {
    asked++;
    if (asked <= 8 || asked > 10) response.writeHead(429, { 'retry-after': '0' }).end('slow down');
    else response.end(JSON.stringify({ choices: [], padding: 'x'.repeat(asked === 10 ? 2000 : 1) }));
  });
  const code = `
clock = {"now": 0.0}
shard.time.sleep = lambda seconds: clock.update(now=clock["now"] + seconds)
shard.time.monotonic = lambda: clock["now"]
line = {"key": "a", "request": {"model": "m", "messages": [], "seed": 1, "sampling": {"temperature": 1, "topP": 1, "maxTokens": 9}}}
print(json.dumps([[shard.ask(sys.argv[1], line, 20, 600, 1000), clock["now"]] for _ in range(3)]))`;
  const url = `${address}/v1/chat/completions`;
  const [first, second, third] = (await python(code, {}, [url])) as [object, number][];
  expect(first?.[0]).toMatchObject({ response: { padding: 'x' } });
  expect(first?.[1]).toBeGreaterThan(60);
  expect(second?.[0]).toMatchObject({ error: { status: 0, message: 'the reply is larger than 0.001 MB' } });
  expect(third?.[0]).toMatchObject({ error: { status: 429 } });
  expect((third?.[1] ?? 0) - (second?.[1] ?? 0)).toBeGreaterThan(500);
});
