import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { newProblems } from '../../../scripts/loop/as-trained.ts';
import { EXPERIMENTS } from '../../../scripts/loop/experiments.ts';
import { drawSets, GRAM } from '../../../scripts/loop/splits.ts';
import { normaliseProblemText } from '../../../src/core/dataset/index.ts';
import { ngrams } from '../../../src/core/text/ngrams.ts';

test('the new problems of seed 32 are those of the report, and neither asked nor trained on before', () => {
  const experiment = EXPERIMENTS['smollm-2'];
  const { train, heldOut } = drawSets(experiment.sizes, 32, experiment.scale, experiment.baseSeed);
  const drawn = newProblems({ experiment, seed: 32 });
  const forms = new Set(drawn.map(({ problem }) => normaliseProblemText(problem)));
  expect(forms.size).toBe(400);
  for (const { problem } of [...train, ...heldOut]) expect(forms).not.toContain(normaliseProblemText(problem));
  const grams = new Set(train.flatMap(({ problem }) => ngrams(problem, GRAM)));
  expect(drawn.flatMap(({ problem }) => ngrams(problem, GRAM)).filter((gram) => grams.has(gram))).toEqual([]);
  const rows = drawn.map((row) => `${JSON.stringify(row)}\n`).join('');
  expect(createHash('sha256').update(rows).digest('hex')).toBe(
    '1984ec4938c2a3d31bead0ba6d67d29cf82a0a71cb4b85f9a24749d5f519909b',
  );
});
