import type { Reasoning } from '../../core/export/index.ts';
import { RenderError } from '../../core/training/render.ts';
import type { ExportArgs } from '../../protocol/export.ts';
import { findModel } from '../../trainers/model.ts';
import { readChatTemplate } from '../../trainers/template/template-check.ts';
import { type TemplateContext, TemplateThread } from '../../trainers/template/thread.ts';
import { VerbError } from '../context.ts';

/** With the layout that `--reasoning` and `--pieces` stand for. */
export type LaidOutArgs = ExportArgs & { layout: Reasoning };

/**
 * Where the rows of an export have the thought. `auto` is the member that the chat template of the model reads, or thinking tags; without a model it
 * is `reasoning_content`.
 * @throws VerbError where the model's template can't be read. @throws UserError `no-model`.
 */
export async function chosenReasoning(
  { reasoning = 'auto', pieces = 'answer', model }: ExportArgs,
  context: TemplateContext,
): Promise<Reasoning> {
  if (reasoning !== 'auto') return { form: reasoning, pieces };
  if (model === undefined) return { form: 'reasoning_content', pieces };
  const base = await findModel(model);
  const advice = 'Choose a folder with the model’s tokenizer, or name the form with --reasoning.';
  if (base.kind !== 'folder') throw new VerbError(`Can’t read the chat template of ${model} on this machine.`, advice);
  const template = new TemplateThread((await readChatTemplate(base.path)).chat, context);
  try {
    return { form: await template.form(), pieces };
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    throw new VerbError(`Can’t use the chat template of ${model}: ${error.message}.`, advice);
  } finally {
    await template.close();
  }
}
