import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifiers } from '../../../src/core/export/forms/environment.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { optIn } from '../../fixtures/opt-in.ts';
import { pythonPackages } from '../../fixtures/python-packages.ts';
import { reviewedPairs } from '../../unit/export/reviewed-pairs.ts';
import { longhandJson, PYTHON, python, smallestLlama } from './python.ts';

const { wanted, why } = optIn('LONGHAND_TEST_TRAINERS', 'about 0.9 GB of packages');

/** The dataset class of verl needs these, but not the rest of what verl installs. The environment of the trainers has torch and transformers. */
const VERL = (
  '--no-deps verl==0.9.1 tensordict==0.10.0 pyvers cloudpickle orjson importlib_metadata zipp omegaconf ' +
  'antlr4-python3-runtime==4.9.3 hydra-core pillow codetiming torchdata ray==2.60.0 msgpack jsonschema attrs ' +
  'jsonschema-specifications referencing rpds-py pylatexenc'
).split(' ');

const Said = z.object({
  rows: z.number(),
  prompt: z.string(),
  scores: z.array(z.number()),
  facts: z.array(z.string()).optional(),
});

/** A program in the place of compare.py: it appends how many of it run. */
const COUNTING = `
import json, os, sys, time
from pathlib import Path
folder = Path(__file__).parent
mine = folder / "now" / str(os.getpid())
mine.parent.mkdir(exist_ok=True)
mine.touch()
with open(folder / "running", "a") as lines:
    lines.write(f"{len(list(mine.parent.iterdir()))}\\n")
json.load(sys.stdin)
time.sleep(0.3)
mine.unlink()
print("equal")
`;

test.skipIf('missing' in PYTHON)(
  'verifiers: no more comparisons run together than there are processors, and the last box is found in one pass',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'longhand-grade-'));
    await writeFile(join(folder, 'grade.py'), verifiers.extras?.['longhand_problems/grade.py'] ?? '');
    await writeFile(join(folder, 'compare.py'), COUNTING);
    const found = await python('problem_sets.py', [], JSON.stringify({ grade: folder }));
    await rm(folder, { recursive: true, force: true });
    const { boxes, scores, most, most_running: limit } = JSON.parse(found.split('@@').at(-1) ?? '');
    expect(boxes).toEqual(['\\frac{1}{2}', '1', '', null, null]);
    expect(scores).toEqual(Array(6 * limit).fill(1));
    expect(most).toBe(limit);
  },
);

describe.skipIf(!wanted || 'missing' in PYTHON)(
  `problem sets, loaded by their trainers ${why}`,
  { timeout: 900_000 },
  () => {
    let folder: string;
    let dataset: string;
    const exported = (form: string) => longhandJson<VerbResult<'export'>>('export', dataset, '--form', form);
    /** @returns a sentence if the packages can't be installed. */
    const load = async (
      name: string,
      words: readonly string[],
      asked: object,
    ): Promise<z.infer<typeof Said> | string> => {
      const added = 'missing' in PYTHON ? PYTHON : await pythonPackages(PYTHON.path, name, words);
      if ('missing' in added) return added.missing;
      const said = await python('problem_sets.py', [], JSON.stringify(asked), added.path);
      return Said.parse(JSON.parse(said.split('@@').at(-1) ?? ''));
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'longhand-sets-'));
      dataset = await reviewedPairs(join(folder, 'dataset'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test('verl: its dataset class reads the Parquet file, and its reward for the data source grades boxed answers', async ({
      skip,
    }) => {
      const model = join(folder, 'tiny');
      await smallestLlama(model);
      const { folder: path, rows } = await exported('verl');
      const [file = ''] = Object.keys(rows);
      const said = await load('verl-0.9.1', VERL, { model, verl: join(path, file) });
      if (typeof said === 'string') return skip(said);
      expect(said).toMatchObject({ rows: 4, scores: [1, 0] });
      expect(said.prompt).toBe('What is 0 + 2?\n\nPut the final answer in \\boxed{}.');
      expect(said.facts).toEqual(expect.arrayContaining(['id', 'index', 'pass_rate', 'pass_rate_low', 'triage']));
    });

    test('verifiers: its loader finds the taskset, whose reward compares boxed answers and ends at its limit', async ({
      skip,
    }) => {
      const { folder: path } = await exported('verifiers');
      const said = await load('verifiers-0.4.0', ['verifiers==0.4.0', 'math-verify>=0.8'], { verifiers: path });
      if (typeof said === 'string') return skip(said);
      // The right answer, another spelling of it, a wrong one, no box, and a number that no program can compute.
      expect(said).toMatchObject({ rows: 4, scores: [1, 1, 0, 0, 0] });
    });
  },
);
