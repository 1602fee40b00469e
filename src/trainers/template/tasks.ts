import type { ReasoningForm } from '../../core/export/reasoning.ts';
import { plural } from '../../core/text/format.ts';
import { type ChatTemplate, RenderError, type RenderedPart, Renderer } from '../../core/training/render.ts';
import { checkRoundTrip, type RoundTrip } from '../../core/training/round-trip.ts';
import type { MessagesRow } from '../../core/training/rows.ts';

/** What a chat template is used for. `own`: the model has it, see checkRoundTrip. */
export type TemplateTask =
  | { ask: 'form' }
  | { ask: 'check'; rows: readonly MessagesRow[]; own: boolean }
  | { ask: 'parts'; row: Pick<MessagesRow, 'messages' | 'loss_mask'> };

/** The result of each task. */
export interface TemplateResults {
  form: ReasoningForm;
  check: RoundTrip;
  parts: RenderedPart[];
}

/** The result of a task, or why the template can't be used for it. */
export type TemplateReply = { value: TemplateResults[keyof TemplateResults] } | { refused: string };

/** Does tasks with a chat template, which is parsed once. */
export function templateTasks(chat: ChatTemplate): (task: TemplateTask) => TemplateReply {
  let renderer: Renderer | undefined;
  return (task) => {
    try {
      renderer ??= new Renderer(chat);
      return { value: resultOf(task, renderer) };
    } catch (error) {
      if (error instanceof RenderError) return { refused: error.message };
      throw error;
    }
  };
}

/** Most code units of a rendered row: so many for each of its own, and as many more for what the template writes. */
const MOST_LENGTH = { factor: 20, more: 1_000_000 };

/** @throws RenderError for a text so long that the main process could not hold it */
function checkedLength(parts: RenderedPart[], { messages }: Pick<MessagesRow, 'messages'>): RenderedPart[] {
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  if (length > MOST_LENGTH.factor * JSON.stringify(messages).length + MOST_LENGTH.more)
    throw new RenderError(`it writes a text of ${plural(length, 'character')} for a row`);
  return parts;
}

function resultOf(task: TemplateTask, renderer: Renderer): TemplateResults[keyof TemplateResults] {
  switch (task.ask) {
    case 'form':
      // A template that can't render a row reads no thought either, and the rows would be for another model.
      renderer.row([
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y' },
      ]);
      return renderer.form;
    case 'check':
      return checkRoundTrip(renderer, task.rows, task.own);
    case 'parts':
      return checkedLength(renderer.parts(task.row.messages, task.row.loss_mask ?? []), task.row);
  }
}
