import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { callCommandLine, endLimitOf } from '../../../src/editor/command-line.ts';
import type { VerbProgress } from '../../../src/protocol/progress.ts';

/** A real child process that speaks the protocol. Its arguments decide what it does. */
const CHILD = `
const [verb, flag, dash, json, progress, format] = process.argv.slice(2);
let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => {
  const args = JSON.parse(text);
  if (args.stubborn) process.on('SIGTERM', () => process.stderr.write('SIGTERM\\n'));
  for (const line of args.stderr ?? []) process.stderr.write(line + '\\n');
  if (args.partial) process.stderr.write(args.partial);
  if (args.wait) { process.stderr.write('waiting\\n'); setInterval(() => undefined, 1000); return; }
  const echo = { verb, args, flags: [flag, dash, json, progress, format], electron: process.env.ELECTRON_RUN_AS_NODE, key: process.env.LONGHAND_API_KEY };
  process.stdout.write(args.stdout ?? JSON.stringify(echo) + '\\n');
  process.exitCode = args.code ?? 0;
});
`;

let folder = '';
const call = (args: object, rest: Partial<Parameters<typeof callCommandLine>[0]> = {}) =>
  callCommandLine({
    cli: join(folder, 'cli.mjs'),
    verb: 'import',
    args,
    env: {},
    endLimit: async () => 60_000,
    ...rest,
  });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'longhand-cli-'));
  writeFileSync(join(folder, 'cli.mjs'), CHILD);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a verb in a child process', () => {
  it('gets its arguments on stdin and its key in the environment, and returns its result', async () => {
    const result = await call({ dataset: '/d', file: 'a "b" $c.jsonl' }, { env: { LONGHAND_API_KEY: 'k' } });
    expect(result).toEqual({
      verb: 'import',
      args: { dataset: '/d', file: 'a "b" $c.jsonl' },
      flags: ['--args-json', '-', '--json', '--progress', 'json'],
      electron: '1',
      key: 'k',
    });
  });

  it('separates progress from log lines, also when the last line has no line end', async () => {
    const progress: VerbProgress[] = [];
    const log: string[] = [];
    const stderr = ['{"done":5,"total":9,"unit":"rows"}', 'reading', '{"not":"progress"}'];
    await call(
      { stderr, partial: '{"done":9,"total":9,"unit":"rows"}' },
      { onProgress: (p) => progress.push(p), onLog: (line) => log.push(line) },
    );
    expect(progress.map(({ done }) => done)).toEqual([5, 9]);
    expect(log).toEqual(['reading', '{"not":"progress"}']);
  });

  it('fails with the message and the advice that the process reports', async () => {
    const stdout = '{"error":{"message":"The file is empty.","advice":"Choose another one."}}\n';
    await expect(call({ stdout, code: 1 })).rejects.toEqual(
      new UserError('verb', 'The file is empty.', 'Choose another one.'),
    );
    const refused = stdout.replace('{"message"', '{"kind":"bad-token","message"');
    await expect(call({ stdout: refused, code: 1 })).rejects.toMatchObject({ kind: 'bad-token' });
    const after = `half a line\n${stdout}`;
    await expect(call({ stdout: after, code: 1 })).rejects.toMatchObject({ advice: 'Choose another one.' });
  });

  it('returns the result of a followed run that failed', async () => {
    expect(await call({ stdout: '{"report":{"state":"failed"}}\n', code: 1 })).toEqual({ report: { state: 'failed' } });
  });

  it.each([
    ['it prints nothing', { stdout: '' }, /returned no result/],
    ['it fails without a message', { stdout: 'oops', code: 3 }, /exit code 3/],
  ])('fails when %s', async (_case, args, message) => {
    await expect(call(args)).rejects.toThrow(message);
  });

  it('ends when it is cancelled', async () => {
    const cancel = new AbortController();
    const run = call({ wait: true }, { signal: cancel.signal, onLog: () => cancel.abort() });
    await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it.skipIf(process.platform === 'win32')('gets a second SIGTERM, and is killed after its own limit', async () => {
    const [cancel, cut] = [new AbortController(), new AbortController()];
    const log: string[] = [];
    let limitPassed = (): void => undefined;
    const endLimit = () =>
      new Promise<number>((resolve) => {
        limitPassed = () => resolve(0);
      });
    const run = call(
      { wait: true, stubborn: true },
      {
        signal: cancel.signal,
        stopNow: cut.signal,
        endLimit,
        onLog: (line) => {
          log.push(line);
          if (log.length === 1) cancel.abort();
          if (log.length === 2) cut.abort();
          if (log.length === 3) limitPassed();
        },
      },
    );
    await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
    expect(log).toEqual(['waiting', 'SIGTERM', 'SIGTERM']);
  });

  it('has the grace period of its dataset and 15 s more to end', async () => {
    const settings = { version: 1, id: 'x'.repeat(8), name: 'x', calls: { graceSeconds: 600 } };
    writeFileSync(join(folder, 'longhand.json'), JSON.stringify(settings));
    expect(await endLimitOf({ dataset: folder })).toBe(615_000);
    expect(await endLimitOf({ dataset: join(folder, 'absent') })).toBe(45_000);
    expect(await endLimitOf({})).toBe(45_000);
  });

  it('does not start after a cancel', async () => {
    await expect(call({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
