import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Renderer } from '../../../src/core/training/render.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { makeEnvironment } from '../../../src/system/make-environment.ts';
import { trainerOf } from '../../../src/trainers/index.ts';
import { renderedRow } from '../../../src/trainers/rows.ts';
import { readChatTemplate } from '../../../src/trainers/template/template-check.ts';
import { optIn } from '../../fixtures/opt-in.ts';
import { chatTemplate, FAMILIES } from '../../fixtures/templates.ts';
import { trainingRows } from '../../fixtures/training-rows.ts';
import { PYTHON, ROOT, run, smallestLlama, start } from './python.ts';

const { wanted, why } = optIn('LONGHAND_TEST_TRAINERS', 'about 2 GB of packages each');
const Labelled = z.array(z.object({ whole: z.string(), trained: z.string() }));
/** Of each family. */
const ROWS = 70;

/** Without its dependencies, of which its tokenising needs one. */
const AXOLOTL = ['axolotl==0.19.0', 'colorama'];

describe.skipIf(!wanted)(`the tokenising of installed trainers ${why}`, () => {
  let model: string;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'longhand-tokenising-'));
    model = join(folder, 'tiny');
    await smallestLlama(model);
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The command that starts Python with the trainer, and what it needs in the environment. */
  async function interpreter(
    trainer: 'axolotl' | 'llamafactory' | 'swift',
  ): Promise<{ path: string; env: NodeJS.ProcessEnv }> {
    if (trainer !== 'axolotl') return { path: await makeEnvironment(cacheFolder(), trainer), env: {} };
    if ('missing' in PYTHON) throw new Error(PYTHON.missing);
    const packages = join(folder, 'axolotl');
    const made = await run([
      PYTHON.path,
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-deps',
      '--target',
      packages,
      ...AXOLOTL,
    ]);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    return { path: PYTHON.path, env: { PYTHONPATH: packages } };
  }

  test.each(['axolotl', 'llamafactory', 'swift'] as const)(
    '%s trains the text of the mask, character by character, under each family’s template',
    async (trainer) => {
      const { rendered } = trainerOf(trainer);
      if (!rendered) throw new Error('it renders rows itself');
      const { path, env } = await interpreter(trainer);
      const { chat } = await readChatTemplate(model);
      const drawn = fc.sample(trainingRows, { numRuns: ROWS, seed: 6361 });
      const expected: { whole: string; trained: string }[] = [];
      const rows = FAMILIES.flatMap((family) => {
        const renderer = new Renderer({ ...chat, source: chatTemplate(family).source });
        return drawn.flatMap(({ messages, loss_mask }) => {
          const row = renderedRow(renderer.parts(messages, loss_mask), rendered);
          if (row === undefined) return [];
          const parts = renderer.parts(messages, loss_mask);
          // What follows the last trained text belongs to no answer.
          const last = parts.findLastIndex(({ train }) => train);
          const join = (train?: boolean): string =>
            parts
              .flatMap((part, at) => (at <= last && (train === undefined || part.train) ? [part.text] : []))
              .join('');
          expected.push({ whole: join(), trained: join(true) });
          return [row];
        });
      });
      const asked = { trainer, model, scripts: join(ROOT, 'media', 'python'), rows };
      const script = join(ROOT, 'test', 'fixtures', 'python', 'trainer_labels.py');
      const { ended } = start([path, script], { input: JSON.stringify(asked), env });
      const { stdout, stderr } = await ended;
      const labelled = Labelled.parse(JSON.parse(stdout.split('@@LABELS ')[1] ?? '[]'));
      expect(labelled.length, stderr.slice(-2000)).toBe(expected.length);
      expect(expected.length).toBeGreaterThan(ROWS * FAMILIES.length * 0.8);
      for (const [i, { whole, trained }] of labelled.entries()) {
        expect(trained, `row ${i}`).toBe(expected[i]?.trained);
        expect(whole.startsWith(expected[i]?.whole ?? ''), `row ${i}`).toBe(true);
      }
    },
    900_000,
  );
});
