import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { pythonEnvironment } from '../../../scripts/lib/python.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';
import { QUIET } from '../../fixtures/process.ts';
import { tinyLlama } from '../../fixtures/tiny-llama.ts';
import { ROOT } from '../../unit/engines/fixtures.ts';
import { servingPlace } from '../serving/place.ts';
import { runPython } from '../serving/python.ts';

/** The most probable tokens of each chat, one chat after another. */
const GREEDY = `import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
t, m = AutoTokenizer.from_pretrained(sys.argv[1]), AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
out = []
for chat in json.load(open(sys.argv[2])):
    ids = t.apply_chat_template(chat, add_generation_prompt=True, return_dict=False, return_tensors="pt")
    made = m.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False)[0][ids.shape[1]:]
    out.append(t.decode(made, skip_special_tokens=True))
print(json.dumps(out))
`;
const Completion = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]),
  usage: z.object({ completion_tokens: z.number() }),
});

test('the batch server writes what transformers writes, whatever else is in the batch', async ({ skip }) => {
  const environment = await pythonEnvironment('trainer');
  if (typeof environment === 'string') return skip(environment);
  const { python } = environment;
  const { home, serve } = await servingPlace({ ...QUIET, LONGHAND_CACHE: cacheFolder() });
  const [folder, script, asked] = [join(home, 'llama'), join(home, 'greedy.py'), join(home, 'chats.json')];
  await tinyLlama(python, folder, ['--hidden', '64', '--heads', '2', '--layers', '2']);
  const examples = [
    { role: 'user', content: 'What is 1 + 2?' },
    { role: 'assistant', content: '1 + 2 = 3' },
  ];
  const questions = ['What is 3 + 4?', 'Add 11 and 2.', 'Take 5 from 17. How many are left?', '9?'];
  const chats = questions.flatMap((content) => [[{ role: 'user', content }], [...examples, { role: 'user', content }]]);
  await writeFile(script, GREEDY);
  await writeFile(asked, JSON.stringify(chats));
  const theirs = z.array(z.string()).parse(JSON.parse(await runPython(python, [script, folder, asked])));
  const program = [python, join(ROOT, 'scripts', 'loop', 'batch_server.py')];
  const { plan } = await serve({
    what: folder,
    server: 'transformers',
    program,
    args: ['--rows', '3', '--processes', '2'],
  });
  const replyTo = async (messages: unknown, temperature: number, seed: number): Promise<string> => {
    const body = JSON.stringify({ model: plan.modelName, messages, max_tokens: 24, top_p: 1, temperature, seed });
    const response = await fetch(`${plan.baseURL}/chat/completions`, { method: 'POST', body });
    const { choices, usage } = Completion.parse(await response.json());
    expect(usage.completion_tokens).toBeLessThanOrEqual(24);
    return choices[0].message.content;
  };
  expect(await Promise.all(chats.map((chat) => replyTo(chat, 0, 1)))).toEqual(theirs);
  const [one, same, other] = await Promise.all([5, 5, 6].map((seed) => replyTo(chats[1], 1, seed)));
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});
