import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonEnvironment } from '../../../scripts/lib/python.ts';
import { CORPUS, corpusRows, vocabulary } from '../../../scripts/loop/corpus.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { QUIET } from '../../fixtures/process.ts';
import { TINY_LLAMA } from '../../fixtures/tiny-llama.ts';
import { servingPlace } from '../serving/place.ts';
import { runPython } from '../serving/python.ts';
import { tokensOfLlama, tokensOfTransformers } from '../serving/tokens.ts';

/** Training and serving must use the same tokens. Otherwise the results of the loop are noise. */
test('transformers and llama.cpp tokenize the texts of the loop alike, word by word', async ({ skip }) => {
  const environment = await pythonEnvironment('trainer');
  if (typeof environment === 'string') return skip(environment);
  const { home, serve } = await servingPlace({
    ...QUIET,
    LONGHAND_CACHE: cacheFolder(),
    LONGHAND_STARTER_THREADS: '1',
  });
  const rows = [...corpusRows({ ...CORPUS, seed: 1, division: 1, rows: 2000 })];
  const texts = rows.slice(0, 300).flatMap((row) => ('text' in row ? [row.text] : [row.prompt, row.completion]));
  await mkdir(home, { recursive: true });
  const [words, folder] = [join(home, 'words.txt'), join(home, 'words')];
  await writeFile(
    words,
    vocabulary(rows)
      .map((word) => `${word}\n`)
      .join(''),
  );
  const shape = ['--hidden', '32', '--heads', '1', '--layers', '1', '--words', words];
  await runPython(environment.python, [TINY_LLAMA, folder, ...shape]);
  const theirs = await tokensOfTransformers(environment.python, home, folder, texts);
  const { plan } = await serve({ what: folder, python: environment.python });
  const ours = await tokensOfLlama(plan.model, texts);
  expect(ours).toEqual(theirs);
  // Words are tokens: a text has far fewer than characters.
  expect(ours.flat().length).toBeLessThan(texts.join('').length * 0.8);
});
