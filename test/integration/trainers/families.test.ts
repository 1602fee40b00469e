import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Renderer } from '../../../src/core/training/render.ts';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import { DEFAULT_STARTER, starterModel } from '../../../src/models/starter/catalogue.ts';
import { readChatTemplate } from '../../../src/trainers/template/template-check.ts';
import { chatTemplate, FAMILIES, templatePath } from '../../fixtures/templates.ts';
import { trainedOf, trainingRows } from '../../fixtures/training-rows.ts';
import { missing, python, ROOT, smallestLlama, suite } from './python.ts';

const ROWS = 1000;
/** Rows that Python reads too, with a tokenizer of characters and with a real one. */
const IN_PYTHON = 100;
/** Characters of a token of ordinary text. */
const LONGEST_TOKEN = 16;
const IN_REAL = 20;
const STARTER = starterPaths(cacheFolder(), starterModel(DEFAULT_STARTER)).weights;
const drawn = fc.sample(trainingRows, { numRuns: ROWS, seed: 1885 });

describe(`${ROWS} rows`, () => {
  test.each(FAMILIES)('keep thought and mask under the template of $file', (family) => {
    const renderer = new Renderer(chatTemplate(family));
    let wrong = 0;
    for (const { messages, loss_mask, thought, trained } of drawn) {
      const parts = renderer.parts(messages, loss_mask);
      const whole = (name: string): string => parts.map(({ part, text }) => (part === name ? text : '')).join('');
      const kept = whole('reasoning') === thought && whole('content') === messages.at(-1)?.content;
      const found = trainedOf(parts);
      // A thought without an answer is not ended.
      const ends = parts.at(-1)?.part === 'template' || whole('content') !== '';
      if (
        !kept ||
        (whole('content') === '' && ends) ||
        found.reasoning !== trained.reasoning ||
        found.content !== trained.content
      )
        wrong++;
    }
    expect(wrong).toBe(0);
  });
});

const Labelled = z.array(z.array(z.object({ whole: z.string(), runs: z.array(z.string()) })));

describe.skipIf(missing !== undefined)(suite('labels of the training script'), () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-families-'));
    await smallestLlama(join(folder, 'tiny'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Calls `compare` for each row of each family with the labels of Python, and the same by TypeScript. */
  async function compareRows(
    model: string,
    count: number,
    compare: (
      labelled: { whole: string; runs: string[] },
      expected: { whole: string; runs: string[] },
      title: string,
    ) => void,
  ): Promise<void> {
    const cutOff = [
      { role: 'user' as const, content: 'x' },
      { role: 'assistant' as const, content: '<think>\nNot ended' },
    ];
    const rows = drawn.slice(0, count - 1).map(({ messages, loss_mask }) => ({ messages, loss_mask }));
    rows.push({ messages: cutOff, loss_mask: [] });
    const asked = { model, scripts: join(ROOT, 'media', 'python'), rows };
    const templates = FAMILIES.map(templatePath);
    const labelled = Labelled.parse(JSON.parse(await python('labels.py', [], JSON.stringify({ ...asked, templates }))));
    const { chat } = await readChatTemplate(model);
    for (const [i, family] of FAMILIES.entries()) {
      const renderer = new Renderer({ ...chat, source: chatTemplate(family).source });
      for (const [n, { messages, loss_mask }] of rows.entries()) {
        const runs: string[] = [];
        let open = false;
        const parts = renderer.parts(messages, loss_mask);
        for (const { text, train } of parts) {
          if (train && open) runs.push(`${runs.pop()}${text}`);
          else if (train) runs.push(text);
          open = train;
        }
        const found = labelled[i]?.[n] ?? { whole: '', runs: [] };
        compare(found, { whole: parts.map(({ text }) => text).join(''), runs }, `${family.file}, row ${n}`);
      }
    }
  }

  test('are the trained text of each family, character by character', async () => {
    await compareRows(join(folder, 'tiny'), IN_PYTHON, (labelled, expected, title) => {
      expect(labelled, title).toEqual(expected);
    });
  });

  test.skipIf(!existsSync(STARTER))(
    'never have masked text of a real tokenizer (skipped without the starter model)',
    async () => {
      const model = join(folder, 'starter');
      await python('gguf_tokenizer.py', [STARTER, model]);
      let exact = 0;
      await compareRows(model, IN_REAL, (labelled, { whole, runs }, title) => {
        expect(labelled.whole, title).toBe(whole);
        let from = 0;
        for (const run of labelled.runs) {
          const at = runs.findIndex((allowed, n) => n >= from && allowed.includes(run));
          expect(at, `${title}: ${JSON.stringify(run)}`).toBeGreaterThanOrEqual(from);
          from = at;
        }
        const lost = runs.join('').length - labelled.runs.join('').length;
        // At most the token across each border of a run.
        expect(lost, title).toBeLessThanOrEqual(2 * runs.length * LONGEST_TOKEN);
        if (lost === 0) exact++;
      });
      // Only tokens across a border are excluded.
      expect(exact).toBeGreaterThan((FAMILIES.length * IN_REAL) / 4);
    },
  );
});
