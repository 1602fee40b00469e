import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VerbProgress } from '../../../src/protocol/progress.ts';
import { VERBS } from '../../../src/verbs/index.ts';
import { type Ended, startLonghand } from '../../fixtures/process.ts';
import { file, newDataset, temporaryFolder } from '../../unit/verbs/run.ts';

interface Options {
  input?: string;
  env?: NodeJS.ProcessEnv;
  /** Sent at the first output on stderr. */
  signal?: NodeJS.Signals;
}

/** Runs the built command line. */
function longhand(argv: string[], { signal, ...options }: Options = {}): Promise<Ended> {
  const { child, ended } = startLonghand(argv, options);
  if (signal) child.stderr?.once('data', () => child.kill(signal));
  return ended;
}

// A process starts in half a second on an idle machine, and takes much longer on a busy one.
describe('the command line', { timeout: 60_000 }, () => {
  test('with --json prints the result and nothing else on stdout, nothing at all on stderr', async () => {
    const dataset = join(await temporaryFolder(), 'd');
    const { code, stdout, stderr } = await longhand(['sample', dataset, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(VERBS.sample.result.parse(JSON.parse(stdout))).toMatchObject({ dataset });
    expect(stdout.endsWith('}\n')).toBe(true);
  });

  test('prints no control characters of a file, which a terminal would interpret as links and commands', async () => {
    const problem = '\u001b]8;;http://x.test\u0007here\u001b]8;;\u0007 \u009b2J What is 1+1?';
    const path = await file('a.jsonl', [{ problem, answer: '2', '\u001b[2Jlevel': '5' }]);
    const shown = await longhand(['preview', path]);
    expect(shown.stdout).toContain('␛]8;;http://x.test␇here');
    const missing = await longhand(['preview', 'no\u001b[31mfile']);
    const asJson = await longhand(['preview', path, '--json']);
    for (const text of [shown.stdout, missing.stderr, asJson.stdout]) expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(JSON.parse(asJson.stdout).rows[0].problem).toBe(problem);
  });

  test('reads its arguments from stdin, and reports progress as JSON lines', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', [{ problem: 'What is 1+1?', answer: '2' }]);
    const argv = ['import', '--args-json', '-', '--json', '--progress', 'json'];
    const { code, stdout, stderr } = await longhand(argv, { input: JSON.stringify({ dataset, file: path }) });
    expect(code).toBe(0);
    expect(VERBS.import.result.parse(JSON.parse(stdout))).toMatchObject({ imported: 1 });
    const progress = stderr
      .trim()
      .split('\n')
      .map((line) => VerbProgress.parse(JSON.parse(line)));
    expect(progress.at(-1)).toMatchObject({ unit: 'bytes', message: '1 row' });
  });

  test('prints results in words without --json', async () => {
    const dataset = await newDataset();
    const path = await file('a.jsonl', '{"problem":"What is 1+1?","answer":"2"}\nnonsense\n');
    const { stdout } = await longhand(['import', dataset, path]);
    expect(stdout).toMatch(
      /^1 of 2 rows imported to problems\/a\.jsonl in \d+\.\d s; 0 duplicates, 1 bad\.\n {2}line 2: /,
    );
  });

  test('lists damaged lines, exits with 3 under --strict, and moves the lines to another file on request', async () => {
    const dataset = join(await temporaryFolder(), 'd');
    await longhand(['sample', dataset]);
    const path = join(dataset, 'rounds', '0-handwritten', 'chains.jsonl');
    const whole = await readFile(path, 'utf8');
    const lines = whole.split('\n');
    await writeFile(path, [lines[0], 'garbage', ...lines.slice(1)].join('\n'));

    const plain = await longhand(['status', dataset]);
    expect(plain).toMatchObject({ code: 0 });
    expect(plain.stdout).toContain('Line 2 of rounds/0-handwritten/chains.jsonl can’t be read.');
    const strict = await longhand(['status', dataset, '--strict', '--json']);
    expect(strict.code).toBe(3);
    expect(VERBS.status.result.parse(JSON.parse(strict.stdout)).damaged).toMatchObject([
      { count: 1, lines: [{ line: 2 }] },
    ]);

    const exported = await longhand(['export', dataset, '--select', 'passed', '--strict']);
    expect(exported).toMatchObject({ code: 3, stdout: '' });
    expect(exported.stderr).toContain('Nothing was exported.');
    expect(existsSync(join(dataset, 'exports'))).toBe(false);
    const loose = await longhand(['export', dataset, '--select', 'passed']);
    expect(loose.stdout).toContain('Line 2 of rounds/0-handwritten/chains.jsonl can’t be read.');

    const planned = await longhand(['repair', dataset, '--plan']);
    expect(planned.stdout).toContain('Line 2 of rounds/0-handwritten/chains.jsonl can’t be read.');
    expect(await readFile(path, 'utf8')).not.toBe(whole);
    const repaired = await longhand(['repair', dataset]);
    expect(repaired.stdout).toContain(
      'Moved 1 line of rounds/0-handwritten/chains.jsonl to rounds/0-handwritten/chains.jsonl.damaged.',
    );
    expect(await readFile(path, 'utf8')).toBe(whole);
    expect((await longhand(['status', dataset, '--strict'])).code).toBe(0);
  });

  test.each<[string, string[], number, string, string]>([
    ['a wrong command line', ['import'], 2, 'usage', 'DATASET is missing.'],
    ['an error', ['status', '/nowhere/at/all'], 1, 'not-a-dataset', 'is not a dataset'],
    ['arguments with invalid JSON', ['status', '--args-json', '{'], 2, 'usage', 'not valid JSON'],
  ])('reports %s in words on stderr, as JSON with --json, and by the exit code', async (_, argv, code, kind, words) => {
    const plain = await longhand(argv);
    expect(plain).toMatchObject({ code, stdout: '' });
    expect(plain.stderr).toContain(words);
    expect(plain.stderr).not.toContain('    at ');
    const asJson = await longhand([...argv, '--json']);
    expect(asJson.code).toBe(code);
    expect(JSON.parse(asJson.stdout)).toEqual({
      error: { kind, message: expect.stringContaining(words), advice: expect.any(String) },
    });
  });

  test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'ends cleanly on %s: exit code 130, no partial files',
    async (signal) => {
      const dataset = await newDataset();
      const rows = Array.from({ length: 60_000 }, (_, i) => ({
        problem: `What is ${i} plus ${i}?`,
        answer: `${2 * i}`,
      }));
      const argv = ['import', dataset, await file('a.jsonl', rows), '--json', '--progress', 'json'];
      const { code, stdout } = await longhand(argv, { signal });
      expect(code).toBe(130);
      expect(JSON.parse(stdout)).toEqual({ error: { kind: 'cancelled', message: 'Cancelled.' } });
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
