import { isDeepStrictEqual } from 'node:util';
import { DIALOGUE_OF_PROMPT_SET, type PromptSet } from '../core/model/index.ts';
import { Dataset } from '../store/index.ts';
import { type Verb, VerbError } from './context.ts';

export const model: Verb<'model'> = async ({ dataset: folder, model: ref, role = 'base', promptSet, remove }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (remove) {
    if (role !== 'fine-tuned' || ref !== undefined) {
      throw new VerbError(
        'Only the fine-tuned model can be removed.',
        'Set another base model in the place of this one.',
      );
    }
    const { promptSet: shared } = await dataset.saveSettings({ fineTuned: undefined });
    return { model: null, role, promptSet: shared };
  }
  if (ref === undefined) throw new VerbError('Which model?', 'Name one with --url and --model, or --starter.');
  if (role === 'fine-tuned') {
    // A model before and after training is asked in the same words, or the two can't be compared.
    if (promptSet !== undefined) {
      throw new VerbError('The fine-tuned model is asked with the prompts of the base model.', 'Leave out --prompts.');
    }
    const { promptSet: shared } = await dataset.saveSettings({ fineTuned: ref });
    return { model: ref, role, promptSet: shared };
  }
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
  return { model: ref, role, promptSet: chosen };
};
