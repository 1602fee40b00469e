import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS, VerbProgress } from '../../../src/protocol/verbs.ts';
import { DIST, file, newDataset, temporaryFolder } from './run.ts';

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Options {
  stdin?: string;
  env?: NodeJS.ProcessEnv;
  /** Sent when something first stands on stderr. */
  signal?: NodeJS.Signals;
}

/** Runs the built command line. */
function longhand(argv: string[], options: Options = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(DIST, 'cli.mjs'), ...argv], { env: { ...process.env, ...options.env } });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (options.signal && ended.stderr === '') child.kill(options.signal);
    ended.stderr += text;
  });
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

// A process starts in half a second on an idle machine, and in many on a busy one.
describe('the command line', { timeout: 60_000 }, () => {
  test('with --json prints the result and nothing else on stdout, nothing at all on stderr', async () => {
    const dataset = join(await temporaryFolder(), 'd');
    const { code, stdout, stderr } = await longhand(['sample', dataset, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(VERBS.sample.result.parse(JSON.parse(stdout))).toMatchObject({ dataset });
    expect(stdout.endsWith('}\n')).toBe(true);
  });

  test('takes its arguments from stdin, and tells progress as JSON lines', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', [{ problem: 'What is 1+1?', answer: '2' }]);
    const argv = ['import', '--args-json', '-', '--json', '--progress', 'json'];
    const { code, stdout, stderr } = await longhand(argv, { stdin: JSON.stringify({ dataset, file: path }) });
    expect(code).toBe(0);
    expect(VERBS.import.result.parse(JSON.parse(stdout))).toMatchObject({ imported: 1 });
    const progress = stderr
      .trim()
      .split('\n')
      .map((line) => VerbProgress.parse(JSON.parse(line)));
    expect(progress.at(-1)).toMatchObject({ unit: 'bytes', message: '1 rows' });
  });

  test('says results in words without --json', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', '{"problem":"What is 1+1?","answer":"2"}\nnonsense\n');
    const { stdout } = await longhand(['import', dataset, path]);
    expect(stdout).toMatch(
      /^1 of 2 rows imported to problems\/a\.jsonl in \d+\.\d s; 0 duplicates, 1 bad\.\n {2}line 2: /,
    );
  });

  test.each<[string, string[], number, string]>([
    ['a wrong command line', ['import'], 2, 'DATASET is missing.'],
    ['a failure', ['status', '/nowhere/at/all'], 1, 'is no dataset'],
    ['arguments that are no JSON', ['status', '--args-json', '{'], 2, 'not valid JSON'],
  ])('tells %s in words on stderr, as JSON with --json, and by the exit code', async (_, argv, code, words) => {
    const plain = await longhand(argv);
    expect(plain).toMatchObject({ code, stdout: '' });
    expect(plain.stderr).toContain(words);
    expect(plain.stderr).not.toContain('    at ');
    const asJson = await longhand([...argv, '--json']);
    expect(asJson.code).toBe(code);
    expect(JSON.parse(asJson.stdout)).toEqual({
      error: { name: expect.any(String), message: expect.stringContaining(words), advice: expect.any(String) },
    });
  });

  test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'ends in order on %s: exit code 130, nothing half done',
    async (signal) => {
      const dataset = await newDataset();
      const rows = Array.from({ length: 60_000 }, (_, i) => ({
        problem: `What is ${i} plus ${i}?`,
        answer: `${2 * i}`,
      }));
      const argv = ['import', dataset, await file('a.jsonl', rows), '--json', '--progress', 'json'];
      const { code, stdout } = await longhand(argv, { signal });
      expect(code).toBe(130);
      expect(JSON.parse(stdout)).toEqual({ error: { name: 'Cancelled', message: 'Cancelled.' } });
      expect(existsSync(join(dataset, 'problems')) ? await readdir(join(dataset, 'problems')) : []).toEqual([]);
    },
  );

  test('--help and --version print and succeed', async () => {
    expect(await longhand(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('import-traces') });
    expect(await longhand(['export', '--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--select'),
    });
    expect((await longhand(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('a key in the environment is never printed', async () => {
    const dataset = await newDataset();
    await longhand(['model', dataset, '--url', 'http://127.0.0.1:9/v1', '--model', 'm']);
    const env = { LONGHAND_API_KEY: 'sk-very-secret' };
    for (const argv of [
      ['status', dataset],
      ['plan', dataset, '--problems', '1', '--json'],
    ]) {
      const { stdout, stderr } = await longhand(argv, { env });
      expect(stdout + stderr).not.toContain('secret');
    }
  });
});
