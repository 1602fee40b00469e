import { describe, expect, it } from 'vitest';
import type { ProgressLine } from '../../../src/core/schemas/index.ts';
import { linesOf, parseTransformersLine, progressSoFar } from '../../../src/core/training/progress.ts';
import {
  parseLlamaFactoryLine,
  parseMappedLine,
  parseSwiftLine,
  withBeginnings,
} from '../../../src/core/training/trainer-logs.ts';

const lf = (step: number, total: number, loss?: number) =>
  JSON.stringify({
    current_steps: step,
    total_steps: total,
    ...(loss === undefined ? {} : { loss, lr: 1e-5 }),
    epoch: step / 4,
  });

describe('the progress of trainers', () => {
  it('LLaMA-Factory: a line for each step, without the summary line', () => {
    expect(parseLlamaFactoryLine(lf(3, 8, 0.5))).toEqual({
      event: 'log',
      step: 3,
      total: 8,
      epoch: 0.75,
      loss: 0.5,
      lr: 1e-5,
    });
    expect(parseLlamaFactoryLine('{"current_steps": 3, "total_steps": 8, "eval_loss": 0.7}')).toEqual({
      event: 'eval',
      step: 3,
      total: 8,
      loss: 0.7,
    });
    expect(parseLlamaFactoryLine(lf(8, 8))).toBeUndefined();
    expect(parseLlamaFactoryLine('{"current_steps": 3, "lr": NaN}')).toBeUndefined();
    expect(parseLlamaFactoryLine('{"current_steps": 2.5, "loss": 1}')).toBeUndefined();
  });

  it('a loss that is not a number is an error with its step', () => {
    const error = { event: 'error', step: 3, total: 8, message: 'The loss is not a number at step 3.' };
    expect(parseLlamaFactoryLine('{"current_steps": 3, "total_steps": 8, "loss": NaN, "lr": 1e-05}')).toEqual(error);
    expect(parseLlamaFactoryLine('{"current_steps": 3, "total_steps": 8, "loss": -Infinity}')).toEqual(error);
    expect(parseSwiftLine('{"loss": NaN, "grad_norm": NaN, "global_step/max_steps": "3/8"}')).toEqual(error);
    // A valid loss is reported even if other values are not numbers.
    expect(parseSwiftLine('{"loss": 2.5, "grad_norm": Infinity, "global_step/max_steps": "3/8"}')).toEqual({
      ...{ event: 'log', step: 3, total: 8, loss: 2.5 },
    });
  });

  it('ms-swift: the step is text with the total, and the last line names the model', () => {
    const line =
      '{"loss": 5.9, "grad_norm": 3.1, "learning_rate": 0.001, "epoch": 0.25, "global_step/max_steps": "12/80", "elapsed_time": "0s"}';
    expect(parseSwiftLine(line)).toEqual({
      event: 'log',
      step: 12,
      total: 80,
      epoch: 0.25,
      loss: 5.9,
      lr: 0.001,
      gradNorm: 3.1,
    });
    expect(parseSwiftLine('{"train_loss": 5.7, "global_step/max_steps": "80/80"}')).toBeUndefined();
    expect(parseSwiftLine('{"last_model_checkpoint": "/out/checkpoint-80", "global_step": 80}')).toEqual({
      event: 'end',
      checkpoint: '/out/checkpoint-80',
    });
    for (const step of ['"12"', '"a/b"', '"-1/8"', '"1/8/9"', '12', 'null']) {
      expect(parseSwiftLine(`{"loss": 1, "global_step/max_steps": ${step}}`)).toBeUndefined();
    }
  });

  it('transformers: numbers of version 4 and strings of version 5, after a progress bar, without nan and inf', () => {
    const log =
      "  3/80 [00:01<00:30]\r{'loss': '0.6213', 'grad_norm': '1.5', 'learning_rate': '1e-05', 'epoch': '0.5'}\r\n{'loss': 0.5, 'epoch': 1.0}\n{'loss': nan, 'epoch': 1.0}\n{'loss': 'inf'}\n{'train_runtime': 3.1}";
    expect(linesOf(log).flatMap((line) => parseTransformersLine(line) ?? [])).toEqual([
      { event: 'log', loss: 0.6213, gradNorm: 1.5, lr: 1e-5, epoch: 0.5 },
      { event: 'log', loss: 0.5, epoch: 1 },
    ]);
  });

  it('custom file: keys by name or path, numbers also as text, and no line without a step', () => {
    const keys = { step: 'iter', loss: 'metrics.loss', lr: 'lr' };
    expect(parseMappedLine('{"iter": 4, "metrics": {"loss": "0.25"}, "lr": "1e-4"}', keys)).toEqual({
      event: 'log',
      step: 4,
      loss: 0.25,
      lr: 1e-4,
    });
    expect(parseMappedLine('{"metrics.loss": 0.5, "iter": "7"}', keys)).toEqual({ event: 'log', step: 7, loss: 0.5 });
    expect(parseMappedLine('{"metrics": {"loss": 0.25}}', keys)).toBeUndefined();
    expect(parseMappedLine('{"iter": 4}', keys)).toBeUndefined();
    for (const loss of ['""', '" "', '"0x10"', '"Infinity"', 'true', '[]', '"1,5"']) {
      expect(parseMappedLine(`{"iter": 4, "metrics": {"loss": ${loss}}}`, keys)).toBeUndefined();
    }
  });

  it('a decrease of the step number marks a resume', () => {
    const log = [
      lf(1, 4, 3),
      lf(2, 4, 2),
      lf(3, 4, 1.5),
      lf(4, 4, 1),
      lf(4, 4),
      lf(3, 8, 1.6),
      lf(4, 8, 1.1),
      lf(5, 8, 0.9),
    ];
    const lines = withBeginnings(log.flatMap((line) => parseLlamaFactoryLine(line) ?? []));
    expect(lines.filter(({ event }) => event === 'begin')).toEqual([{ event: 'begin', step: 2 }]);
    const { lines: kept, ...so } = progressSoFar(lines);
    expect(kept.flatMap(({ event, step, loss }) => (event === 'log' ? [[step, loss]] : []))).toEqual([
      [1, 3],
      [2, 2],
      [3, 1.6],
      [4, 1.1],
      [5, 0.9],
    ]);
    expect(so).toMatchObject({ step: 5, total: 8, loss: 0.9 });
  });
});

describe('a malformed line', () => {
  /** A seeded random number generator (mulberry32). */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }
  const keys = { step: 'step', total: 'a.total', loss: 'loss', lr: 'b.c.d', tokens: 'tokens' };
  const parsers = {
    llamafactory: parseLlamaFactoryLine,
    swift: parseSwiftLine,
    transformers: parseTransformersLine,
    mapped: (line: string) => parseMappedLine(line, keys),
  };
  const GOOD = [
    lf(3, 8, 0.53125),
    '{"loss": 5.9, "learning_rate": 0.001, "global_step/max_steps": "12/80"}',
    "{'loss': '0.6213', 'grad_norm': '1.5', 'learning_rate': '1e-05', 'epoch': '0.5'}",
    '{"step": 4, "loss": 0.25, "a": {"total": 9}, "b": {"c": {"d": "1e-4"}}, "tokens": 17}',
  ];
  const BITS = [
    '{',
    '}',
    '"',
    "'",
    ':',
    ',',
    'NaN',
    'nan',
    '-',
    '.',
    'e9',
    '\\',
    '\r',
    '\u0000',
    '💥',
    'null',
    '[',
    ']',
    '__proto__',
    '9',
    ' ',
  ];

  function mutate(line: string, next: () => number): string {
    const characters = [...line];
    for (let edits = 1 + Math.floor(next() * 6); edits > 0; edits--) {
      const at = Math.floor(next() * (characters.length + 1));
      const bit = BITS[Math.floor(next() * BITS.length)] ?? '';
      characters.splice(at, Math.floor(next() * 3), ...(next() < 0.7 ? [bit] : []));
    }
    return characters.join('');
  }

  function numbersOf({ event: _event, ...line }: ProgressLine): number[] {
    return Object.values(line).filter((value): value is number => typeof value === 'number');
  }

  it.each(Object.entries(parsers))('%s never throws, and returns only numbers of the line', (_name, parse) => {
    const next = random(7);
    let read = 0;
    for (let i = 0; i < 8_000; i++) {
      const line = mutate(GOOD[i % GOOD.length] ?? '', next);
      const parsed = parse(line);
      if (!parsed) continue;
      read++;
      // Every run of characters that may be a number, as a number.
      const numbers = new Set(
        [...line.matchAll(/(?=([-+]?\d*\.?\d+\.?(?:e[-+]?\d+)?))/gi)].map(([, text]) => Number(text)),
      );
      for (const number of numbersOf(parsed)) {
        expect(Number.isFinite(number)).toBe(true);
        expect(numbers.has(number), `${number} in ${line}`).toBe(true);
      }
    }
    // Most edits break a line, not all.
    expect(read).toBeGreaterThan(100);
  });
});
