import { isDeepStrictEqual } from 'node:util';
import { DIALOGUE_OF_PROMPT_SET, type PromptSet } from '../core/model/index.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const model: Verb<'model'> = async ({ dataset: folder, model: ref, promptSet }) => {
  const dataset = await Dataset.open(folder, { index: false });
  // The starters are small: without worked examples they rarely box an answer.
  const usual: PromptSet = ref.kind === 'starter' ? 'small' : dataset.settings.promptSet;
  const before = dataset.settings;
  const chosen = promptSet ?? usual;
  // Sampling and limits go with the prompts, unless somebody has set them for this dataset.
  const untouched = isDeepStrictEqual(before.dialogue, DIALOGUE_OF_PROMPT_SET[before.promptSet]);
  await dataset.saveSettings({
    model: ref,
    promptSet: chosen,
    ...(untouched ? { dialogue: DIALOGUE_OF_PROMPT_SET[chosen] } : {}),
  });
  return { model: ref, promptSet: chosen };
};
