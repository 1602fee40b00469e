import { join } from 'node:path';
import { z } from 'zod';
import { type ChatTemplate, PLAIN_TEMPLATE } from '../core/training/render.ts';
import { readJson, readText } from '../store/files.ts';

const Token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]).nullish();
const Named = z.array(z.object({ name: z.string(), template: z.string() }));
const TokenizerConfig = z.object({
  chat_template: z.union([z.string(), Named]).optional(),
  bos_token: Token,
  eos_token: Token,
});

/** The chat template of a model's folder, or the plain one where it has none. */
export async function readChatTemplate(folder: string): Promise<{ chat: ChatTemplate; own: boolean }> {
  const config = await readJson(join(folder, 'tokenizer_config.json'), TokenizerConfig);
  const file = await readText(join(folder, 'chat_template.jinja'));
  const listed = config?.chat_template;
  const named = Array.isArray(listed) ? listed.find(({ name }) => name === 'default')?.template : listed;
  const source = file ?? named;
  const tokens = { bosToken: config?.bos_token ?? '', eosToken: config?.eos_token ?? '' };
  return { chat: { source: source ?? PLAIN_TEMPLATE, ...tokens }, own: source !== undefined };
}
