import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCommandLine, VerbCancelled, VerbError } from '../../../src/editor/command-line.ts';
import type { VerbProgress } from '../../../src/protocol/verbs.ts';

/** A real child that speaks the protocol: what it does is said by its arguments. */
const CHILD = `
const [verb, flag, dash, json, progress, format] = process.argv.slice(2);
let text = '';
process.stdin.on('data', (chunk) => { text += chunk; });
process.stdin.on('end', () => {
  const args = JSON.parse(text);
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
  callCommandLine({ cli: join(folder, 'cli.mjs'), verb: 'import', args, env: {}, ...rest });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'longhand-cli-'));
  writeFileSync(join(folder, 'cli.mjs'), CHILD);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a verb in a child process', () => {
  it('gets its arguments on stdin and its key in the environment, and gives back its result', async () => {
    const result = await call({ dataset: '/d', file: 'a "b" $c.jsonl' }, { env: { LONGHAND_API_KEY: 'k' } });
    expect(result).toEqual({
      verb: 'import',
      args: { dataset: '/d', file: 'a "b" $c.jsonl' },
      flags: ['--args-json', '-', '--json', '--progress', 'json'],
      electron: '1',
      key: 'k',
    });
  });

  it('tells progress from log lines, also when the last line has no end', async () => {
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

  it('fails with the message and the advice of the process', async () => {
    const stdout = '{"error":{"message":"The file is empty.","advice":"Choose another one."}}\n';
    await expect(call({ stdout, code: 1 })).rejects.toEqual(new VerbError('The file is empty.', 'Choose another one.'));
    const after = `half a line\n${stdout}`;
    await expect(call({ stdout: after, code: 1 })).rejects.toMatchObject({ advice: 'Choose another one.' });
  });

  it('that followed a run which failed gives its result', async () => {
    expect(await call({ stdout: '{"report":{"state":"failed"}}\n', code: 1 })).toEqual({ report: { state: 'failed' } });
  });

  it.each([
    ['nothing was printed', { stdout: '' }, /gave no result/],
    ['it broke without a word', { stdout: 'oops', code: 3 }, /exit code 3/],
  ])('fails when %s', async (_case, args, message) => {
    await expect(call(args)).rejects.toThrow(message);
  });

  it('is ended by a cancel', async () => {
    const cancel = new AbortController();
    const run = call({ wait: true }, { signal: cancel.signal, onLog: () => cancel.abort() });
    await expect(run).rejects.toBeInstanceOf(VerbCancelled);
  });

  it('is not started after a cancel', async () => {
    await expect(call({}, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(VerbCancelled);
  });
});
