import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonEnvironment } from '../../../scripts/lib/python.ts';
import { CORPUS, corpusRows, vocabulary } from '../../../scripts/loop/corpus.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { starterRuntimeFolder } from '../../../src/models/starter/install.ts';
import { importRuntime } from '../../../src/models/starter/llama.ts';
import { ChatTemplate } from '../../../src/models/starter/template.ts';
import { servingPlace } from '../serving/place.ts';
import { QUIET, runPython, tinyLlama } from '../serving/python.ts';

/** What is trained and what is served must be the same tokens, or all that the loop measures is noise. */
test('transformers and llama.cpp cut the texts of the loop alike, word by word', async ({ skip }) => {
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
  const [words, folder, asked] = [join(home, 'words.txt'), join(home, 'words'), join(home, 'texts.json')];
  await writeFile(
    words,
    vocabulary(rows)
      .map((word) => `${word}\n`)
      .join(''),
  );
  await writeFile(asked, JSON.stringify(texts));
  const shape = ['--hidden', '32', '--heads', '1', '--layers', '1', '--words', words];
  await tinyLlama(environment.python, folder, shape);
  const script = join(home, 'tokens.py');
  await writeFile(
    script,
    'import json, sys\nfrom transformers import AutoTokenizer\nt = AutoTokenizer.from_pretrained(sys.argv[1])\n' +
      'print(json.dumps([t.apply_chat_template([{"role": "user", "content": x}], add_generation_prompt=True)["input_ids"] for x in json.load(open(sys.argv[2]))]))\n',
  );
  const theirs: unknown = JSON.parse(await runPython(environment.python, [script, folder, asked]));
  const { plan } = await serve({ what: folder, python: environment.python });
  const { llama: library, jinja } = await importRuntime(starterRuntimeFolder(cacheFolder()));
  const llama = await library.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
    maxThreads: 1,
  });
  const template = new ChatTemplate(await llama.loadModel({ modelPath: plan.model }), jinja);
  const ours = texts.map((content) => template.encode([{ role: 'user', content }]));
  expect(ours).toEqual(theirs);
  // Words are tokens: a text has far fewer than characters.
  expect(ours.flat().length).toBeLessThan(texts.join('').length * 0.8);
});
