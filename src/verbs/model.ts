import type { PromptSet } from '../core/model/index.ts';
import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const model: Verb<'model'> = async ({ dataset: folder, model: ref, promptSet }) => {
  const dataset = await Dataset.open(folder, { index: false });
  // The starters are small: without worked examples they rarely box an answer.
  const usual: PromptSet = ref.kind === 'starter' ? 'small' : dataset.settings.promptSet;
  const settings = await dataset.saveSettings({ model: ref, promptSet: promptSet ?? usual });
  return { model: ref, promptSet: settings.promptSet };
};
