import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Steps } from '../../../src/store/selections/steps.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const quiet = (): void => undefined;

describe('steps', () => {
  test('a finished step is not repeated, also in a new instance', async () => {
    const folder = await temporaryFolder();
    let done = 0;
    const work = async (): Promise<number> => ++done;
    expect(await (await Steps.open(folder, quiet)).step('one', z.number(), work)).toBe(1);
    const again = await Steps.open(folder, quiet);
    expect(await again.step('one', z.number(), work)).toBe(1);
    expect(await again.step('two', z.number(), work)).toBe(2);
    expect(again.times.map(({ step }) => step)).toEqual(['one', 'two']);
  });

  test('a step that failed or whose line is incomplete is repeated', async () => {
    const folder = await temporaryFolder();
    const steps = await Steps.open(folder, quiet);
    await expect(steps.step('one', z.string(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await steps.step('one', z.string(), async () => 'whole');
    appendFileSync(join(folder, 'steps.jsonl'), '{"step":"two","at":"');
    const later = await Steps.open(folder, quiet);
    expect(await later.step('one', z.string(), async () => 'again')).toBe('whole');
    expect(await later.step('two', z.string(), async () => 'done')).toBe('done');
    expect((await Steps.open(folder, quiet)).times.map(({ step }) => step)).toEqual(['one', 'two']);
  });
});
