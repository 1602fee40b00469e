import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptSet } from '../core/model/index.ts';
import { readText, writeAtomic } from './files.ts';
import { refuseLinks } from './links.ts';

/** The texts of one prompt set by file name without `.md`, sorted by name. Throws when the folder is missing. */
export async function readPrompts(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md') && !name.startsWith('.')).sort();
  const texts: Record<string, string> = {};
  for (const name of names) texts[name.slice(0, -3)] = await readFile(join(folder, name), 'utf8');
  return texts;
}

/** Copies the default prompt sets of `media` into a dataset's `prompts`. */
export async function copyDefaultPrompts(mediaFolder: string, dataset: string): Promise<void> {
  for (const set of PromptSet.options) {
    for (const [name, text] of Object.entries(await readPrompts(join(mediaFolder, 'prompts', set)))) {
      await writeAtomic(join(dataset, 'prompts', set, `${name}.md`), text);
    }
  }
}

/** The text of `prompts/<name>.md`, which both sets share. It is made from the default of `media` where the dataset has none yet. */
export async function readSharedPrompt(mediaFolder: string, dataset: string, name: string): Promise<string> {
  const file = join('prompts', `${name}.md`);
  const own = join(dataset, file);
  // Neither written nor read through one: what is read here is sent to a model.
  await refuseLinks(dataset, own);
  const text = await readText(own);
  if (text !== undefined) return text;
  const usual = await readFile(join(mediaFolder, file), 'utf8');
  await writeAtomic(own, usual);
  return usual;
}
