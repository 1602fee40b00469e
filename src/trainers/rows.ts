import { THINK_CLOSE, THINK_OPEN } from '../core/dataset/thought.ts';
import { UserError } from '../core/errors.ts';
import { chatRow } from '../core/export/forms/index.ts';
import { maskedParts } from '../core/training/mask.ts';
import { RenderError, type RenderedPart } from '../core/training/render.ts';
import { MessagesRow, PrefixRow, thoughtOf } from '../core/training/rows.ts';
import { readLines } from '../store/lines/files.ts';
import { AtomicWriter } from '../system/atomic-write.ts';
import { conversationsOf } from './export-rows.ts';
import { readChatTemplate } from './template/template-check.ts';
import { type TemplateContext, TemplateThread } from './template/thread.ts';
import type { RenderedRun, Trainer } from './trainer.ts';

/** Bytes collected before a write. */
const CHUNK = 256 * 1024;

/** A row in the form of a trainer; undefined for a row that it skips. */
type MakeRow = (row: unknown) => unknown;

/** Writes the rows of an export in the form of a trainer. @throws as `row` */
export async function writeRows(from: string, to: string, row: MakeRow): Promise<void> {
  const writer = await AtomicWriter.create(to);
  try {
    let text = '';
    for await (const line of readLines(from)) {
      if ('error' in line) throw new Error(`Line ${line.line} of ${from}: ${line.error}.`);
      const made = await row(line.value);
      if (made === undefined) continue;
      text += `${JSON.stringify(made)}\n`;
      if (text.length < CHUNK) continue;
      await writer.write(text);
      text = '';
    }
    await writer.write(text);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** A row of `train.prefix.jsonl` as two messages, with masked text at the end of the question. */
export function prefixAsMessages(row: unknown): ReturnType<typeof chatRow> {
  return chatRow(PrefixRow.parse(row));
}

/**
 * Makes rows of messages to rows of a trainer that gets them rendered by the chat template of a model's folder. `row` throws UserError `bad-rows` where the
 * template can't render one. `close` ends the template's thread.
 */
export async function renderedRows(
  folder: string,
  rendered: NonNullable<Trainer['rendered']>,
  context: TemplateContext,
): Promise<{ row: (given: unknown) => Promise<unknown>; close: () => Promise<void> }> {
  const template = new TemplateThread((await readChatTemplate(folder)).chat, context);
  const row = async (given: unknown): Promise<unknown> => {
    try {
      if (rendered.answers === undefined) return renderedRow(await template.parts(MessagesRow.parse(given)), rendered);
      const conversations = conversationsOf('dpo', given).concat(conversationsOf('kto', given));
      const parts: RenderedPart[][] = [];
      for (const conversation of conversations) parts.push(await template.parts(conversation));
      const { prompt, answers } = renderedAnswers(parts);
      return rendered.answers(prompt, answers, given);
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      const message = `The chat template of the model can't render the rows: ${error.message}.`;
      throw new UserError('bad-rows', message, 'Use a model with another chat template, or train with TRL.');
    }
  };
  return { row, close: () => template.close() };
}

/** A rendered row in the form of a trainer; undefined if none of its text is trained. */
export function renderedRow(parts: readonly RenderedPart[], { row }: NonNullable<Trainer['rendered']>): unknown {
  if (!parts.some(({ train, part }) => train && part !== 'template')) return undefined;
  const runs: RenderedRun[] = [];
  for (const { text, train } of parts) {
    const last = runs.at(-1);
    if (last?.train === train) runs[runs.length - 1] = { text: last.text + text, train };
    else runs.push({ text, train });
  }
  return row(runs);
}

/** The prompt and the answers of rendered conversations, as `texts` of train_preference.py. What the template writes behind the end is not part of an answer. */
export function renderedAnswers(conversations: readonly (readonly RenderedPart[])[]): {
  prompt: string;
  answers: string[];
} {
  const whole = conversations.map((parts) => {
    const [before, ...others] = parts;
    const last = others.at(-1);
    const own = last?.part === 'template' && !last.train ? others.slice(0, -1) : others;
    return { before: before?.text ?? '', answer: own.map(({ text }) => text).join('') };
  });
  // With and without a thought, a template may write another end of the prompt.
  const [first = '', ...befores] = whole.map(({ before }) => before);
  let end = first.length;
  for (const before of befores) while (!before.startsWith(first.slice(0, end))) end--;
  return { prompt: first.slice(0, end), answers: whole.map(({ before, answer }) => before.slice(end) + answer) };
}

/** A row of messages for a trainer that reads no thought beside an answer: the thought is in tags before it, with offsets of the mask on this text. */
export function withTags({ messages, loss_mask = [], ...row }: MessagesRow): MessagesRow {
  const last = messages.at(-1);
  if (last === undefined) return { ...row, messages, loss_mask };
  const { reasoning_content: _reasoning, thinking: _thinking, ...message } = last;
  const thought = thoughtOf(last);
  const reasoning = loss_mask.filter(({ part }) => part === 'reasoning');
  const own = loss_mask.filter(({ part }) => part !== 'reasoning');
  if (thought === '') return { ...row, messages: [...messages.slice(0, -1), message], loss_mask: own };
  const opened = THINK_OPEN.length;
  const closed = opened + codePointCount(thought);
  // A thought without an answer has not ended.
  const closing = message.content === '' ? '' : THINK_CLOSE;
  const shift = closed + closing.length;
  const moved = (runs: typeof loss_mask, by: number) =>
    runs.map(({ start, end, train }) => ({ start: start + by, end: end + by, train }));
  const trains = maskedParts(thought, reasoning).some(({ train }) => train);
  const tags = [
    { start: 0, end: opened, train: trains },
    ...(closing === '' ? [] : [{ start: closed, end: shift, train: trains }]),
  ];
  return {
    ...row,
    messages: [...messages.slice(0, -1), { ...message, content: THINK_OPEN + thought + closing + message.content }],
    loss_mask: [...tags, ...moved(clipped(reasoning, closed - opened), opened), ...moved(own, shift)],
  };
}

/** Number of Unicode code points of a text, which may be too long for an array of them. */
export function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1) count++;
  return count;
}

/** Runs within a text of this length. */
function clipped(runs: NonNullable<MessagesRow['loss_mask']>, length: number): NonNullable<MessagesRow['loss_mask']> {
  return runs.map((run) => ({ ...run, end: Math.min(run.end, length) }));
}
