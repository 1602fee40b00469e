// The parts of media/python/sample_shard.py that need no Ray, by the system's python3. The endpoint is a SCRIPTED server.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { keyBoundTo } from '../../../src/models/environment-key.ts';

const SCRIPTS = join(import.meta.dirname, '../../../media/python');

async function python(code: string, env: Record<string, string> = {}, args: string[] = []): Promise<unknown> {
  const script = `import json, sys\nsys.path.append(${JSON.stringify(SCRIPTS)})\nimport sample_shard as shard\n${code}`;
  const rest = { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)('python3', ['-c', script, ...args], { env: { ...rest, ...env } });
  return JSON.parse(stdout);
}

it('has a key only for the host that LONGHAND_API_HOST names, as the command line does', async () => {
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
  const server = createServer((request, response) => {
    seen.push({ path: request.url, key: request.headers.authorization });
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const code = `
line = {"key": "a", "request": {"model": "m", "messages": [], "seed": 1, "sampling": {"temperature": 1, "topP": 1, "maxTokens": 9}}}
try:
    said = shard.ask(sys.argv[1], line, 20)
except shard.Fatal as error:
    said = str(error)
print(json.dumps(said))`;
  try {
    const url = `http://${host}/v1/chat/completions`;
    expect(await python(code, { LONGHAND_API_KEY: 'k' }, [url])).toMatch(/answers 302.*LONGHAND_API_KEY was not sent/);
    await python(code, { LONGHAND_API_KEY: 'k', LONGHAND_API_HOST: 'api.example' }, [url]);
    await python(code, { LONGHAND_API_KEY: 'k', LONGHAND_API_HOST: host }, [url]);
  } finally {
    server.close();
  }
  expect(seen.map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'));
  expect(seen.map(({ key }) => key)).toEqual([undefined, undefined, 'Bearer k']);
});

it('calls an answer cut off that fills its tokens or the context of the model', async () => {
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

it('lets vLLM take CPUs where no node has a GPU and it was built for them, and says when it waits for one', async () => {
  const code = `
import contextlib, importlib.metadata, io, types
def told(gpus, version):
    importlib.metadata.version = lambda name: version
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        options = shard.without_gpus(types.SimpleNamespace(cluster_resources=lambda: {"CPU": 2.0, **gpus}))
    return [options, said.getvalue().strip()]
print(json.dumps([told({"GPU": 8.0}, "0.32.0+cpu"), told({}, "0.32.0+cpu"), told({}, "0.32.0")]))`;
  expect(await python(code)).toEqual([
    [{}, ''],
    [{ placement_group_config: { bundle_per_worker: { CPU: 1 } } }, expect.stringContaining('takes those')],
    [{}, expect.stringContaining('waits until one has')],
  ]);
});

it('shares the requests in flight among the processes of the HTTP processor, and never has more', async () => {
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
