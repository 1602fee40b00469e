import { defined } from '../defined.ts';

/** The parts of an imported trace. */
export interface PartedTrace {
  /** The long reasoning; absent where it is not separated from the answer. */
  thought?: string;
  /** The text after the reasoning, or the whole trace; empty if the trace ends inside the reasoning. */
  answer: string;
  /** False when a tag is left open: the model reached its limit. Undefined without tags. */
  finished?: boolean;
  /** `finish_reason`, where neither the model nor a token limit ended the trace. */
  finish?: string;
}

/** The thinking tags that Longhand writes, as DeepSeek R1 and Qwen do. */
export const THINK_OPEN = '<think>\n';
export const THINK_CLOSE = '\n</think>\n\n';

const OPEN = /^\s*(?:<think(?:ing)?>|<thought>|<\|begin_of_thought\|>)/i;
const OPENING = /<think(?:ing)?>|<thought>|<\|begin_of_thought\|>/i;
const CLOSE = /<\/think(?:ing)?>|<\/thought>|<\|end_of_thought\|>/i;
const SOLUTION_OPEN = /^\s*<\|begin_of_solution\|>/;
const SOLUTION_CLOSE = /<\|end_of_solution\|>\s*$/;
/** Special tokens at the end of a text. */
const END_OF_TEXT = /(?:<\|(?:im_end|eot_id|endoftext|end)\|>|<｜end▁of▁sentence｜>|<\/s>)\s*$/;

/** A message of gpt-oss's Harmony format as the model writes it; the text may end inside the last one. */
const HARMONY_MESSAGE =
  /(?:<\|start\|>assistant)?<\|channel\|>([a-z]+)[^<]*<\|message\|>([\s\S]*?)(?:<\|(?:end|return|call)\|>|(?=<\|start\|>)|$)/g;
const HARMONY = /^\s*(?:<\|start\|>assistant)?<\|channel\|>/;

/**
 * Splits a trace at its thinking tags: `<think>`, `<thinking>`, `<thought>`, the `<|begin_of_thought|>` of Sky-T1 and OpenThoughts, and the
 * channels of Harmony. The opening tag may be missing, because some templates write it. Later tags belong to the text.
 */
export function partTrace(text: string): PartedTrace {
  if (HARMONY.test(text)) return harmonyTrace(text);
  const ended = text.replace(END_OF_TEXT, '');
  const open = OPEN.exec(ended);
  const close = CLOSE.exec(ended);
  if (!open && !close) return { answer: ended.trim(), ...defined({ finished: ended === text ? undefined : true }) };
  const from = open?.[0].length ?? 0;
  if (!close) return { thought: ended.slice(from).trim(), answer: '', finished: false };
  const after = ended.slice(close.index + close[0].length);
  const opened = SOLUTION_OPEN.test(after);
  const finished = !opened || SOLUTION_CLOSE.test(after);
  const answer = after.replace(SOLUTION_OPEN, '').replace(SOLUTION_CLOSE, '').trim();
  // A sentence may come before the opening tag.
  const thought = ended.slice(from, close.index).replace(OPENING, '').trim();
  return { ...defined({ thought: thought || undefined }), answer, finished: finished && answer !== '' };
}

/** The channel `final` is the answer, and all others are reasoning. */
function harmonyTrace(text: string): PartedTrace {
  const messages = [...text.matchAll(HARMONY_MESSAGE)].map(([, channel, said = '']) => ({
    channel,
    said: said.trim(),
  }));
  const of = (final: boolean): string =>
    messages
      .flatMap(({ channel, said }) => ((channel === 'final') === final && said !== '' ? [said] : []))
      .join('\n\n');
  const answer = of(true);
  return { ...defined({ thought: of(false) || undefined }), answer, finished: answer !== '' };
}

/** The trace without tags: reasoning, a blank line, answer. */
export function joinTrace({ thought, answer }: PartedTrace): string {
  return [thought ?? '', answer].filter((part) => part !== '').join('\n\n');
}

/** The trace as a grader reads it: an unfinished thought contains no answer. */
export function taggedTrace({ thought, answer, finished }: PartedTrace): string {
  if (thought === undefined) return answer;
  return finished === false && answer === '' ? `<think>${thought}` : `<think>${thought}</think>\n\n${answer}`;
}
