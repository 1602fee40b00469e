import { defined } from '../../core/defined.ts';
import { problemFacts } from '../../core/export/forms/index.ts';
import { EXPORT_FORMS, type ExportedChain, type KnownProblem, questionOf } from '../../core/export/index.ts';
import { wellFormed } from '../../core/export/rows.ts';
import { maskedParts } from '../../core/training/mask.ts';
import { RenderError } from '../../core/training/render.ts';
import type { ExportPlan, PreviewRow } from '../../protocol/export.ts';
import { findModel } from '../../trainers/model.ts';
import { readChatTemplate } from '../../trainers/template/template-check.ts';
import { type TemplateContext, TemplateThread } from '../../trainers/template/thread.ts';
import type { LaidOutArgs } from './reasoning.ts';

/** A row of messages that is shown. `label`: in a form that labels chains. `steps`: in one that labels steps, in place of the answer. */
export type ShownRow = ExportedChain['messages'] & Pick<PreviewRow, 'set' | 'label' | 'steps'>;

/** Most characters of a shown text, and of a shown column. */
const MOST = 6_000;
const MOST_FACT = 200;

/** The rows as the chat template of the model renders them, where one is named, else as they are written. */
export async function previewOf(
  rows: readonly ShownRow[],
  args: LaidOutArgs,
  context: TemplateContext,
): Promise<Pick<ExportPlan, 'preview' | 'template'>> {
  const form = EXPORT_FORMS[args.form ?? 'sft'];
  const isMasked = form.mask !== 'none';
  const shown = rows.map((row) => ({ ...row, loss_mask: isMasked ? row.loss_mask : [] }));
  const plain = shown.map(asWritten);
  const { model } = args;
  if (model === undefined || form.takes === 'stepped' || rows.length === 0) return { preview: plain };
  const base = await findModel(model);
  if (base.kind !== 'folder')
    return { preview: plain, template: { model, trouble: 'Its chat template is not in a folder on this machine.' } };
  const thread = new TemplateThread((await readChatTemplate(base.path)).chat, context);
  try {
    const preview: PreviewRow[] = [];
    for (const row of shown) preview.push(previewRow(row, await thread.parts(row)));
    return { preview, template: { model } };
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    return {
      preview: plain,
      template: { model, trouble: `Its chat template can’t render the rows: ${error.message}.` },
    };
  } finally {
    await thread.close();
  }
}

function asWritten(row: ShownRow): PreviewRow {
  if (row.steps !== undefined) return previewRow(row, []);
  const assistant = row.messages.at(-1);
  const texts = {
    reasoning: assistant?.reasoning_content ?? assistant?.thinking ?? '',
    content: assistant?.content ?? '',
  };
  const parts = (['reasoning', 'content'] as const).flatMap((part) =>
    maskedParts(
      texts[part].slice(0, MOST + 1),
      row.loss_mask.filter((run) => (run.part ?? 'content') === part),
    ).map((run) => ({ ...run, part })),
  );
  return previewRow(row, parts);
}

function previewRow({ id, set, label, messages, steps: all }: ShownRow, parts: PreviewRow['parts']): PreviewRow {
  const problem = messages[0]?.content ?? '';
  const shown = firstOf(parts);
  const steps = all && firstSteps(all);
  const length = (of: ShownRow['steps'] = []): number => of.reduce((sum, { text }) => sum + text.length, 0);
  return {
    ...{ id, set, problem: problem.slice(0, MOST), parts: shown.parts },
    ...defined({ label, steps }),
    shortened: shown.shortened || problem.length > MOST || length(steps) < length(all),
  };
}

/** The first characters of steps. */
function firstSteps(steps: NonNullable<ShownRow['steps']>): NonNullable<ShownRow['steps']> {
  let left = MOST;
  return steps.flatMap(({ text, label }) => {
    const first = text.slice(0, left);
    left -= first.length;
    return first === '' ? [] : [{ text: first, label }];
  });
}

/** The first characters of each kind of text. */
function firstOf(parts: PreviewRow['parts']): Pick<PreviewRow, 'parts' | 'shortened'> {
  const left = { template: MOST, reasoning: MOST, content: MOST };
  let shortened = false;
  const shown = parts.flatMap(({ text, ...part }) => {
    const first = text.slice(0, left[part.part]);
    left[part.part] -= first.length;
    shortened ||= first.length < text.length;
    return first === '' ? [] : [{ text: first, ...part }];
  });
  return { parts: shown, shortened };
}

/** A problem in a form of problems, which has no text of the assistant. */
export function previewProblem(known: KnownProblem): PreviewRow {
  const [id, problem, answer] = [wellFormed(known.problem.id), questionOf(known), wellFormed(known.problem.answer)];
  const facts = Object.entries(problemFacts(known)).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value: String(value).slice(0, MOST_FACT) }],
  );
  return {
    ...{ id, set: 'train', parts: [], problem: problem.slice(0, MOST), answer: answer.slice(0, MOST), facts },
    shortened: Math.max(problem.length, answer.length) > MOST,
  };
}
