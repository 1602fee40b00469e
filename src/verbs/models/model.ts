import { isDeepStrictEqual } from 'node:util';
import { DIALOGUE_OF_PROMPT_SET, hostOf, type PromptSet } from '../../core/schemas/index.ts';
import { Dataset } from '../../store/index.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'model'> = async ({ dataset: folder, model: ref, role = 'base', promptSet, remove }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (remove) {
    if (role !== 'fine-tuned' || ref !== undefined) {
      throw new VerbError('Only the fine-tuned model can be removed.', 'Set another base model instead.');
    }
    const { promptSet: shared } = await dataset.saveSettings({ fineTuned: undefined });
    return { model: null, role, promptSet: shared };
  }
  if (ref === undefined) throw new VerbError('No model named.', 'Name one with --url and --model, or --starter.');
  if (role === 'fine-tuned') {
    // A model before and after training must get the same prompts to be comparable.
    if (promptSet !== undefined) {
      throw new VerbError('The fine-tuned model uses the prompts of the base model.', 'Omit --prompts.');
    }
    const { promptSet: shared } = await dataset.saveSettings({ fineTuned: ref });
    return { model: ref, role, promptSet: shared };
  }
  // The starters are small: without worked examples they rarely box an answer.
  const usual: PromptSet = ref.kind === 'starter' ? 'small' : dataset.settings.promptSet;
  const before = dataset.settings;
  const chosen = promptSet ?? usual;
  // Sampling and limits belong to the prompts, unless they were changed for this dataset.
  const untouched = isDeepStrictEqual(before.dialogue, DIALOGUE_OF_PROMPT_SET[before.promptSet]);
  await dataset.saveSettings({
    model: ref,
    promptSet: chosen,
    ...(untouched && { dialogue: DIALOGUE_OF_PROMPT_SET[chosen] }),
  });
  return { model: ref, role, promptSet: chosen };
};

export const print: Print<'model'> = ({ model, role, promptSet }) =>
  model === null
    ? 'The dataset has no fine-tuned model anymore. Rounds that it made stay unchanged.'
    : `${role === 'base' ? 'Model' : 'Fine-tuned model'} ${model.model} (${model.kind === 'openai' ? model.baseURL : hostOf(model)}), prompts “${promptSet}”.`;
