import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { starterRuntimeFolder } from '../../../src/models/starter/install.ts';
import { importRuntime } from '../../../src/models/starter/llama.ts';
import { ChatTemplate } from '../../../src/models/starter/template.ts';
import { runPython } from './python.ts';

const SCRIPT = `import json, sys
from transformers import AutoTokenizer
t = AutoTokenizer.from_pretrained(sys.argv[1])
chats = [[{"role": "user", "content": x}] for x in json.load(open(sys.argv[2]))]
print(json.dumps([t.apply_chat_template(c, add_generation_prompt=True)["input_ids"] for c in chats]))
`;

/** Token ids of questions from transformers, with the model's own chat template. `home`: a folder for the script. */
export async function tokensOfTransformers(
  python: string,
  home: string,
  model: string,
  texts: readonly string[],
): Promise<unknown> {
  const [script, asked] = [join(home, 'tokens.py'), join(home, 'texts.json')];
  await writeFile(script, SCRIPT);
  await writeFile(asked, JSON.stringify(texts));
  return JSON.parse(await runPython(python, [script, model, asked]));
}

/** The same from llama.cpp, in the starter's server. */
export async function tokensOfLlama(modelPath: string, texts: readonly string[]): Promise<number[][]> {
  const { llama: library, jinja } = await importRuntime(starterRuntimeFolder(cacheFolder()));
  const llama = await library.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: 'error',
    maxThreads: 1,
  });
  const template = new ChatTemplate(await llama.loadModel({ modelPath }), jinja);
  return texts.map((content) => template.encode([{ role: 'user', content }]));
}
