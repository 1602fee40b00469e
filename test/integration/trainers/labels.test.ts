import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Renderer } from '../../../src/core/training/render.ts';
import type { MessagesRow } from '../../../src/core/training/rows.ts';
import { readChatTemplate } from '../../../src/trainers/template/template-check.ts';
import { missing, PYTHON, python, ROOT, run, smallestLlama, suite } from './python.ts';

const Said = z.array(z.object({ whole: z.string(), runs: z.array(z.string()) }));
type Row = Pick<MessagesRow, 'messages'> & { loss_mask: { start: number; end: number; train: boolean }[] };

/** Random rows: text with tokens across its boundaries, characters of several bytes, and masks anywhere. */
const rows = fc.array(
  fc
    .record({
      pieces: fc.array(
        fc.constantFrom(
          'the answer is ',
          'forty-two. ',
          'Wait, ',
          'let me check',
          '\n\n',
          '42',
          '\\frac{1}{2}',
          'π≈3',
          '𝔽🙂',
          ' ',
        ),
        { minLength: 1, maxLength: 12 },
      ),
      cuts: fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 3 }),
    })
    .map(({ pieces, cuts }): Row => {
      const content = pieces.join('');
      const loss_mask = cuts.map(([start, length]) => ({ start, end: start + length, train: false }));
      return {
        messages: [
          { role: 'user', content: 'What is it?' },
          { role: 'assistant', content },
        ],
        loss_mask,
      };
    }),
  { minLength: 200, maxLength: 200 },
);

describe.skipIf(missing !== undefined)(suite('labels of the training script'), () => {
  let folder: string;
  const drawn = fc.sample(rows, { numRuns: 1, seed: 7 })[0] ?? [];
  const labels = async (model: string): Promise<z.infer<typeof Said>> => {
    const asked = { model, scripts: join(ROOT, 'media', 'python'), rows: drawn };
    return Said.parse(JSON.parse(await python('labels.py', [], JSON.stringify(asked))));
  };
  /** Runs of trained text by the same rule in TypeScript. */
  const expected = async (model: string): Promise<{ whole: string; runs: string[] }[]> => {
    const renderer = new Renderer((await readChatTemplate(model)).chat);
    return drawn.map(({ messages, loss_mask }) => {
      const runs: string[] = [];
      let open = false;
      const parts = renderer.parts(messages, loss_mask);
      for (const { text, train } of parts) {
        if (train && open) runs.push(`${runs.pop()}${text}`);
        else if (train) runs.push(text);
        open = train;
      }
      return { whole: parts.map(({ text }) => text).join(''), runs };
    });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-labels-'));
    await smallestLlama(join(folder, 'tiny'));
    await python('byte_level.py', [join(folder, 'bytes')]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('are exactly the trained text, where tokens are characters', async () => {
    expect(await labels(join(folder, 'tiny'))).toEqual(await expected(join(folder, 'tiny')));
  });

  test('are counted equally for a row of prompt and completion as texts, which LLaMA-Factory gets as two messages', async () => {
    const [prompt, completion] = ['What is 二 + 2?', ' It is 四.'];
    const messages = [
      { role: 'user', content: prompt },
      { role: 'assistant', content: completion },
    ];
    const path = join(folder, 'both.jsonl');
    await writeFile(path, [{ prompt, completion }, { messages }].map((row) => `${JSON.stringify(row)}\n`).join(''));
    const asked = { packages: [], model: join(folder, 'bytes'), rows: path };
    const { stdout } = await run(
      ['missing' in PYTHON ? '' : PYTHON.path, join(ROOT, 'media', 'python', 'preflight.py')],
      JSON.stringify(asked),
    );
    const { lengths } = JSON.parse(stdout.split('@@LONGHAND ')[1] ?? '{}') as { lengths: number[][] };
    expect(lengths[0]?.[0]).toBeGreaterThan(10);
    expect(lengths[0]).toEqual(lengths[1]);
  });

  test('never contain masked text where tokens cross its boundaries, and exclude no more than those tokens', async () => {
    const model = join(folder, 'bytes');
    const labelled = await labels(model);
    let narrower = 0;
    for (const [i, { whole, runs }] of (await expected(model)).entries()) {
      expect(labelled[i]?.whole).toBe(whole);
      const found = labelled[i]?.runs ?? [];
      // Each run is the inside of a run that may be trained, in order.
      let from = 0;
      for (const run of found) {
        const at = runs.findIndex((allowed, n) => n >= from && allowed.includes(run));
        expect(at, `${JSON.stringify(run)} in ${JSON.stringify(runs)}`).toBeGreaterThanOrEqual(from);
        from = at;
      }
      if (found.join('') !== runs.join('')) narrower++;
      if (drawn[i]?.loss_mask.length === 0) expect(found).toEqual(runs);
    }
    // Otherwise no token crossed a mask boundary, and nothing was tested.
    expect(narrower).toBeGreaterThan(10);
  });
});
