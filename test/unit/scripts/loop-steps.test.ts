import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { controlRows } from '../../../scripts/loop/control.ts';
import { Steps } from '../../../scripts/loop/steps.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const quiet = (): void => undefined;

describe('steps', () => {
  test('a finished step is not repeated, also in a new instance', async () => {
    const folder = await temporaryFolder();
    let done = 0;
    const work = async (): Promise<number> => ++done;
    expect(await new Steps(folder, quiet).step('one', z.number(), work)).toBe(1);
    const again = new Steps(folder, quiet);
    expect(await again.step('one', z.number(), work)).toBe(1);
    expect(await again.step('two', z.number(), work)).toBe(2);
    expect(again.times.map(({ step }) => step)).toEqual(['one', 'two']);
  });

  test('a step that failed or whose line is incomplete is repeated', async () => {
    const folder = await temporaryFolder();
    const steps = new Steps(folder, quiet);
    await expect(steps.step('one', z.string(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await steps.step('one', z.string(), async () => 'whole');
    appendFileSync(join(folder, 'steps.jsonl'), '{"step":"two","at":"');
    const later = new Steps(folder, quiet);
    expect(await later.step('one', z.string(), async () => 'again')).toBe('whole');
    expect(await later.step('two', z.string(), async () => 'done')).toBe('done');
    expect(readFileSync(join(folder, 'steps.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);
  });
});

describe('the control arm', () => {
  const response = (problemId: string, text: string, finished = true) => ({ problemId, text, finished });
  const responses = [
    ...['a', 'b', 'c', 'c'].map((text) => response('p', text)),
    ...['d', 'e'].map((text) => response('q', text)),
    response('q', 'cut', false),
    response('r', 'f'),
  ];

  test('has as many rows of a problem as the treated arm, without duplicate or truncated texts', () => {
    const rows = controlRows(responses, new Map(Object.entries({ p: 2, q: 2 })), 1);
    expect(rows.filter(({ problemId }) => problemId === 'p')).toHaveLength(2);
    const texts = rows.flatMap(({ problemId, text }) => (problemId === 'q' ? [text] : []));
    expect(texts.sort()).toEqual(['d', 'e']);
    expect(new Set(rows.map(({ text }) => text)).size).toBe(4);
  });

  test('uses other problems when one has too few responses', () => {
    const rows = controlRows(responses, new Map([['r', 3]]), 1);
    expect(rows).toHaveLength(3);
    expect(rows.filter(({ problemId }) => problemId === 'r')).toHaveLength(1);
    expect(() => controlRows(responses, new Map([['r', 9]]), 1)).toThrow('lacks 3');
  });

  test('depends on the seed', () => {
    const counts = new Map(Object.entries({ p: 1, q: 1 }));
    expect(controlRows(responses, counts, 3)).toEqual(controlRows(responses, counts, 3));
    const drawn = new Set(Array.from({ length: 20 }, (_, seed) => controlRows(responses, counts, seed)[0]?.text));
    expect(drawn.size).toBeGreaterThan(1);
  });
});
