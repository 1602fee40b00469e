import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VERBS, type VerbArgs } from '../../../src/verbs/index.ts';
import { type Ended, startLonghand } from '../../fixtures/process.ts';
import { file, run, temporaryFolder } from '../../unit/verbs/run.ts';

interface Row {
  [key: string]: unknown;
  verdict: string;
  extracted: string | null;
  method: string;
  ms: number;
  detail: string | null;
  forms: { gold: string; prediction: string | null } | null;
}

/** A stream that stores its input, taking `delay` ms for each part. */
class Collector extends Writable {
  text = '';
  most = 0;
  readonly #delay: number;

  constructor(delay = 0) {
    super({ highWaterMark: 1024 });
    this.#delay = delay;
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    this.most = Math.max(this.most, this.writableLength);
    if (this.#delay === 0) done();
    else setTimeout(done, this.#delay);
  }

  get rows(): Row[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  }
}

async function graded(lines: readonly string[] | string, args: Partial<VerbArgs<'grade'>> = {}) {
  const rows = new Collector();
  const content = typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join('');
  const stdin = Readable.from([Buffer.from(content, 'utf8')]);
  const result = await run(
    'grade',
    { file: '-', goldKey: 'gold', predictionKey: 'prediction', workers: 2, ...args },
    { stdin, rows },
  );
  return { rows: rows.rows, text: rows.text, result };
}

describe('grade', () => {
  test('returns the same rows, in order, with verdict, extracted, method and ms', async () => {
    const { rows, result } = await graded([
      '{"id":"a","gold":"1/2","prediction":"So it is \\\\boxed{0.5}.","model":"m"}',
      '{"id":"b","gold":41,"prediction":"The answer is 42."}',
      '{"id":"c","gold":"","prediction":"3"}',
      '{"id":"d","gold":"7","prediction":null}',
      '{"id":"e","gold":true,"prediction":"true"}',
    ]);
    expect(rows.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['correct', 'incorrect', 'unknown', 'incorrect', 'correct']);
    expect(rows[0]).toMatchObject({ gold: '1/2', model: 'm', extracted: '0.5', method: 'number' });
    expect(rows[0]?.forms).toEqual({ gold: '1/2', prediction: '0.5' });
    expect(rows[3]).toMatchObject({ extracted: null });
    expect(rows[3]?.detail).toMatch(/no final answer/i);
    expect(rows.every(({ ms }) => typeof ms === 'number' && ms >= 0)).toBe(true);
    expect(result).toMatchObject({ rows: 5, outcomes: { correct: 2, incorrect: 2, unknown: 1 }, workers: 2 });
  });

  test('a row that cannot be graded has the reason, and the run continues', async () => {
    const { rows, result } = await graded([
      'not json',
      '[1,2]',
      '{"prediction":"1"}',
      '{"gold":"1"}',
      '{"gold":{"value":1},"prediction":"1"}',
      '{"gold":"1","prediction":"1","policy":"frobnicate"}',
      '{"gold":"1","prediction":"1","policy":{"unit":"convert"}}',
      '{}',
      '{"gold":"1","prediction":"1"}',
    ]);
    expect(rows.map(({ verdict }) => verdict)).toEqual([...Array<string>(8).fill('error'), 'correct']);
    expect(rows[0]).toMatchObject({ line: 1 });
    expect(rows[0]?.detail).toContain('not valid JSON');
    expect(rows[1]).toMatchObject({ line: 2, row: [1, 2] });
    expect(rows[2]?.detail).toBe('The row has no “gold”; it has prediction.');
    expect(rows[3]?.detail).toBe('The row has no “prediction”; it has gold.');
    expect(rows[4]?.detail).toContain('neither text nor a number');
    expect(rows[5]?.detail).toMatch(/frobnicate.*default, strict, lenient/);
    expect(rows[6]?.detail).toContain('unit');
    expect(result.outcomes).toEqual({ error: 8, correct: 1 });
  });

  test('grades each row by its own policy, else by the given one', async () => {
    const { rows, result } = await graded(
      [
        '{"gold":"1 m","prediction":"100 cm"}',
        '{"gold":"1 m","prediction":"100 cm","policy":"default"}',
        '{"gold":"1 m","prediction":"100 cm","policy":{"base":"strict","units":"convert"}}',
        '{"gold":"1 m","prediction":"100 cm","policy":null}',
      ],
      { policy: 'convert' },
    );
    expect(rows.map(({ verdict }) => verdict)).toEqual(['correct', 'incorrect', 'correct', 'correct']);
    expect(result.policies).toEqual({ convert: 2, default: 1, 'strict with units convert': 1 });
    await expect(graded([], { policy: 'nope' })).rejects.toThrow('there is no policy "nope"');
  });

  test('accepts other names of the columns, also inside of objects', async () => {
    const { rows } = await graded(['{"answer":"5","out":{"text":"\\\\boxed{5}"}}'], {
      goldKey: 'answer',
      predictionKey: 'out.text',
    });
    expect(rows[0]).toMatchObject({ verdict: 'correct', answer: '5' });
  });

  test('leaves every byte of a row unchanged, and long numbers whole', async () => {
    const big = '{ "gold" : 12345678901234567890, "b":1.10,"prediction":"12345678901234567891" , "a":"\\ud800é" }';
    const { rows, text } = await graded([big, '{"gold":12345678901234567890,"prediction":12345678901234567890}']);
    expect(text.startsWith(big.slice(0, -2))).toBe(true);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['incorrect', 'correct']);
    const again = await graded(text);
    expect(again.text).toContain('12345678901234567890');
    expect(again.rows.map(({ verdict }) => verdict)).toEqual(['incorrect', 'correct']);
    expect(Object.keys(again.rows[0] ?? {}).filter((key) => key === 'verdict')).toHaveLength(1);
  });

  test('keeps the whole content of a row, whatever it is', async () => {
    const rows = fc.sample(fc.record({ gold: fc.string(), prediction: fc.string(), rest: fc.jsonValue() }), {
      numRuns: 300,
      seed: 4,
    });
    const keyed = rows.map(({ rest, ...row }, i) => ({ i, ...row, [`k${i % 7}`]: rest, ['__proto__']: i }));
    const { rows: out } = await graded(keyed.map((row) => JSON.stringify(row)));
    const added = ['verdict', 'extracted', 'method', 'ms', 'detail', 'forms'];
    const kept = out.map((row) => Object.entries(row).filter(([key]) => !added.includes(key)));
    expect(kept).toEqual(keyed.map((row) => Object.entries(JSON.parse(JSON.stringify(row)) as object)));
    expect(out.every((row) => added.every((key) => Object.hasOwn(row, key)))).toBe(true);
  });

  test('skips blank lines, a BOM, CRLF and a missing last newline', async () => {
    const { rows } = await graded('\ufeff{"gold":"1","prediction":"1"}\r\n\r\n  \n{"gold":"2","prediction":"2"}');
    expect(rows.map(({ verdict }) => verdict)).toEqual(['correct', 'correct']);
  });

  test('writes a file completely, or not at all when it is cancelled', async () => {
    const source = await file(
      'in.jsonl',
      Array.from({ length: 3000 }, (_, i) => ({ i, gold: i, prediction: `\\boxed{${i}}` })),
    );
    const out = join(dirname(source), 'out.jsonl');
    const args = { file: source, goldKey: 'gold', predictionKey: 'prediction', workers: 2, out };
    const cancel = new AbortController();
    const cancelled = run('grade', args, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(cancelled).rejects.toThrow();
    expect(await readdir(dirname(source))).toEqual(['in.jsonl']);
    const heard = { progress: [], log: [] };
    const result = await run('grade', args, { heard });
    expect(result).toMatchObject({ rows: 3000, outcomes: { correct: 3000 }, out });
    const rows = (await readFile(out, 'utf8')).trim().split('\n');
    expect(rows.map((line) => (JSON.parse(line) as { i: number }).i)).toEqual(rows.map((_, i) => i));
  });

  test('reads no faster than its rows are consumed, and writes each row as soon as it can', async () => {
    let given = 0;
    const rows = new Collector(1);
    let ahead = 0;
    const stdin = Readable.from(
      (async function* () {
        for (; given < 600; given += 1) {
          ahead = Math.max(ahead, given - rows.rows.length);
          yield Buffer.from(`{"gold":"${given}","prediction":"${given}","pad":"${'x'.repeat(500)}"}\n`);
        }
      })(),
      { highWaterMark: 1 },
    );
    await run('grade', { file: '-', goldKey: 'gold', predictionKey: 'prediction', workers: 1 }, { stdin, rows });
    expect(rows.rows).toHaveLength(600);
    expect(ahead).toBeLessThan(200);
    expect(rows.most).toBeLessThan(4096);
  });

  test('reports a missing file', async () => {
    const args = { file: join(await temporaryFolder(), 'none.jsonl'), goldKey: 'gold', predictionKey: 'prediction' };
    await expect(run('grade', args)).rejects.toThrow('There is no file');
    await expect(run('grade', { ...args, file: dirname(args.file) })).rejects.toThrow('is a folder');
  });
});

/** Runs the built command line. */
const longhand = (argv: string[], input: string): Promise<Ended> => startLonghand(argv, { input }).ended;

describe('longhand grade', () => {
  const ROWS = '{"gold":"1","prediction":"1"}\n{"gold":"1","prediction":"2"}\n';

  test('prints rows on stdout and messages on stderr', async () => {
    const { code, stdout, stderr } = await longhand(['grade', '-', '--policy', 'strict'], ROWS);
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Row).verdict),
    ).toEqual(['correct', 'incorrect']);
    expect(stderr).toContain('2 rows graded');
    const json = await longhand(['grade', '-', '--json'], ROWS);
    expect(json.stdout.trim().split('\n')).toHaveLength(2);
    expect(VERBS.grade.result.parse(JSON.parse(json.stderr))).toMatchObject({ rows: 2 });
  });

  test('with --out prints its summary on stdout', async () => {
    const out = join(await temporaryFolder(), 'out.jsonl');
    const { stdout, stderr } = await longhand(['grade', '-', '--json', '--out', out], ROWS);
    expect(stderr).toBe('');
    expect(VERBS.grade.result.parse(JSON.parse(stdout))).toMatchObject({ rows: 2, out });
  });

  test('refuses stdin that already held the arguments, and invalid JSON', async () => {
    const twice = await longhand(['grade', '--args-json', '-'], '{"file":"-"}');
    expect(twice).toMatchObject({ code: 2, stdout: '' });
    expect(twice.stderr).toContain('Stdin holds the arguments');
    const broken = await longhand(['grade', '-', '--policy', '{"base"'], ROWS);
    expect(broken.code).toBe(2);
  });
});
