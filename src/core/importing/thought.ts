/** A trace as it was imported, in parts. */
export interface PartedTrace {
  /** The long reasoning; absent where the trace does not tell it from the answer. */
  thought?: string;
  /** What follows the reasoning, or the whole trace; empty when it was cut short inside the reasoning. */
  answer: string;
  /** False when a tag is left open: the model stopped at its limit. Undefined when there is no tag to tell. */
  finished?: boolean;
}

const OPEN = /^\s*(?:<think(?:ing)?>|<thought>|<\|begin_of_thought\|>)/i;
const OPENING = /<think(?:ing)?>|<thought>|<\|begin_of_thought\|>/i;
const CLOSE = /<\/think(?:ing)?>|<\/thought>|<\|end_of_thought\|>/i;
const SOLUTION_OPEN = /^\s*<\|begin_of_solution\|>/;
const SOLUTION_CLOSE = /<\|end_of_solution\|>\s*$/;
/** What a tokenizer leaves at the end of a text. */
const END_OF_TEXT = /(?:<\|(?:im_end|eot_id|endoftext|end)\|>|<｜end▁of▁sentence｜>|<\/s>)\s*$/;

/**
 * Parts a trace at its thinking tags: `<think>`, `<thinking>`, `<thought>` and Sky-T1's `<|begin_of_thought|>`. A template may have
 * written the opening tag itself, so a closing one alone is enough. Tags further on are the trace's own words.
 */
export function partTrace(text: string): PartedTrace {
  const ended = text.replace(END_OF_TEXT, '');
  const open = OPEN.exec(ended);
  const close = CLOSE.exec(ended);
  if (!open && !close) return { answer: ended.trim(), ...(ended === text ? {} : { finished: true }) };
  const from = open?.[0].length ?? 0;
  if (!close) return { thought: ended.slice(from).trim(), answer: '', finished: false };
  const after = ended.slice(close.index + close[0].length);
  const opened = SOLUTION_OPEN.test(after);
  const finished = !opened || SOLUTION_CLOSE.test(after);
  const answer = after.replace(SOLUTION_OPEN, '').replace(SOLUTION_CLOSE, '').trim();
  // A sentence may come before the opening tag.
  const thought = ended.slice(from, close.index).replace(OPENING, '').trim();
  return { ...(thought === '' ? {} : { thought }), answer, finished: finished && answer !== '' };
}

/** The trace without tags: reasoning and answer in full, a blank line between. */
export function joinTrace({ thought, answer }: PartedTrace): string {
  return [thought ?? '', answer].filter((part) => part !== '').join('\n\n');
}

/** The trace as a grader reads it: what is inside an unfinished thought is no answer. */
export function taggedTrace({ thought, answer, finished }: PartedTrace): string {
  if (thought === undefined) return answer;
  return finished === false && answer === '' ? `<think>${thought}` : `<think>${thought}</think>\n\n${answer}`;
}
