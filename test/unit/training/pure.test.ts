// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the templates under test
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrainingSettings } from '../../../src/core/schemas/index.ts';
import { fillTemplate } from '../../../src/core/text/fill-template.ts';
import { parseGpus } from '../../../src/core/training/gpus.ts';
import { longestOf, summariseLengths } from '../../../src/core/training/lengths.ts';
import { expectedSteps, warmupShare } from '../../../src/core/training/steps.ts';
import { isOlder } from '../../../src/core/training/versions.ts';

describe('a configuration template', () => {
  test('is filled, as text and as JSON', () => {
    const text = fillTemplate('a: ${x}\nb: ${path:json}\nc: $${x}\nd: ${none:json}', {
      x: 1,
      path: 'a: "b"',
      none: null,
    });
    expect(text).toBe('a: 1\nb: "a: \\"b\\""\nc: ${x}\nd: null');
  });

  test('reports its unknown variables', () => {
    expect(() => fillTemplate('${a} ${b} ${c.d}', { b: 1 })).toThrow('unknown variables');
    expect(() => fillTemplate('${a} ${b} ${c.d}', { b: 1 })).toThrow('${a}, ${c.d}');
    expect(() => fillTemplate('${toString}', {})).toThrow('unknown variables');
  });

  test('never fills in variables within a value', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(fillTemplate('<${x}>', { x: value, y: 'no' })).toBe(`<${value}>`);
      }),
    );
    expect(fillTemplate('${x}', { x: '${y}', y: 'no' })).toBe('${y}');
  });
});

describe('expected steps', () => {
  const settings = TrainingSettings.parse({});

  test.each([
    [13, { epochs: 2, batchSize: 1, accumulate: 16 }, 1, 2],
    [13, { epochs: 2, batchSize: 1, accumulate: 2 }, 1, 14],
    [100, { epochs: 3, batchSize: 4, accumulate: 2 }, 1, 39],
    [100, { epochs: 3, batchSize: 4, accumulate: 2 }, 4, 12],
    [100, { epochs: 0.5, batchSize: 1, accumulate: 1 }, 1, 50],
    [100, { maxSteps: 7 }, 1, 7],
    [0, { maxSteps: 7 }, 1, 0],
  ])('%i rows, %j, %i devices: %i', (rows, some, devices, steps) => {
    expect(expectedSteps(rows, { ...settings, ...some }, devices)).toBe(steps);
  });

  test('a warm-up of less than a step is 0', () => {
    expect([2, 33, 34, 1000].map(warmupShare)).toEqual([0, 0, 0.03, 0.03]);
  });
});

describe('lengths', () => {
  const tokens = fc.array(fc.record({ tokens: fc.nat(10_000), trained: fc.nat(10_000), first: fc.nat(10_000) }), {
    maxLength: 50,
  });

  test('rows over the limit are counted as truncated, none without a limit', () => {
    fc.assert(
      fc.property(tokens, fc.integer({ min: 1, max: 10_000 }), (rows, limit) => {
        expect(summariseLengths(rows, true).cut).toBe(0);
        const cut = summariseLengths(rows, true, limit);
        expect(cut.cut).toBe(rows.filter((row) => row.tokens > limit).length);
        expect(cut.maxLength).toBe(limit);
        expect(cut.median).toBeLessThanOrEqual(cut.p99);
        expect(cut.p99).toBeLessThanOrEqual(cut.longest);
        expect(longestOf(rows)).toBe(cut.longest);
      }),
    );
  });

  test('the longest of more rows than a call can have arguments is found', () => {
    const rows = Array.from({ length: 300_000 }, (_, tokens) => ({ tokens, trained: 0, first: 0 }));
    expect(longestOf(rows)).toBe(299_999);
  });
});

test('GPUs are read from the CSV of nvidia-smi, also with missing values', () => {
  const csv = '0, NVIDIA H100, 81559, 80000, 3\n1, Tesla K80, 11441, 11441, [N/A]\nNo devices were found\n';
  expect(parseGpus(csv)).toEqual([
    { index: 0, name: 'NVIDIA H100', totalMiB: 81559, freeMiB: 80000, busy: 3 },
    { index: 1, name: 'Tesla K80', totalMiB: 11441, freeMiB: 11441, busy: 0 },
  ]);
  expect(parseGpus('NVIDIA-SMI has failed')).toEqual([]);
});

test.each([
  ['2.13.0+cpu', '2.13', false],
  ['4.9', '4.56.2', true],
  ['5.0.0rc1', '5.0', false],
  ['1.16.0', '1.16.1', true],
])('%s is older than %s: %s', (version, than, older) => {
  expect(isOlder(version, than)).toBe(older);
});
