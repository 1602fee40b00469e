import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptSet } from '../core/schemas/index.ts';
import { writeAtomic } from '../system/atomic-write.ts';
import { readWholeText } from '../system/regular-file.ts';
import { readText } from './lines/files.ts';
import { refuseLinks } from './links.ts';

/** In bytes. */
const LARGEST_PROMPT = 4 * 1024 * 1024;

/** The text of a prompt file. @throws where it can't be read */
export const readPrompt = (file: string): Promise<string> => readWholeText(file, LARGEST_PROMPT);

/** The texts of a prompt set by file name without `.md`, sorted. @throws when the folder is missing */
export async function readPrompts(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md') && !name.startsWith('.')).sort();
  const texts: Record<string, string> = {};
  for (const name of names) texts[name.slice(0, -3)] = await readPrompt(join(folder, name));
  return texts;
}

/** Copies the default prompt sets of `media` into a dataset's `prompts`. @throws StoreError `symbolic-link` */
export async function copyDefaultPrompts(mediaFolder: string, dataset: string): Promise<void> {
  for (const set of PromptSet.options) {
    for (const [name, text] of Object.entries(await readPrompts(join(mediaFolder, 'prompts', set)))) {
      const path = join(dataset, 'prompts', set, `${name}.md`);
      await refuseLinks(dataset, path);
      await writeAtomic(path, text);
    }
  }
}

/** The text of `prompts/<name>.md`, which both sets share. It is copied from the default first if the dataset has none. */
export async function readSharedPrompt(mediaFolder: string, dataset: string, name: string): Promise<string> {
  const file = join('prompts', `${name}.md`);
  const own = join(dataset, file);
  // Links are not even read, since the text is sent to a model.
  await refuseLinks(dataset, own);
  const text = await readText(own, LARGEST_PROMPT);
  if (text !== undefined) return text;
  const initial = await readWholeText(join(mediaFolder, file));
  await writeAtomic(own, initial);
  return initial;
}
