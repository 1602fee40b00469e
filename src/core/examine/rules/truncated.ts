import { findBoxes } from '../../text/boxes.ts';
import { excerptAt, type ReadRow, type RowRule } from '../row.ts';

/** Shorter replies may be no sentence. */
const SHORTEST = 120;
/** Characters before the end in which a display may be open. */
const LONGEST_DISPLAY = 1_000;
/** What can’t end a text: a comma, a bracket, an operator, a lone backslash. */
const OPEN_END = /[,([{=+*/<^_&\\–-]$/;
const WORD_END = /[\p{L}\p{N}]$/u;

export const truncated: RowRule = {
  finding: 'truncated',
  find: (row) => {
    const reason = reasonOf(row);
    return reason === undefined ? undefined : { reason, excerpt: excerptAt(row.text, row.text.length) };
  },
};

function reasonOf(row: ReadRow): string | undefined {
  const { reply, text } = row;
  if (reply === undefined || reply.ended === 'blocked' || reply.ended === 'refused') return undefined;
  if (reply.parts.finished === false && reply.parts.answer === '') return 'It ends inside its thought.';
  if (reply.ended === 'truncated') return 'The token limit ended it.';
  if (reply.ended === 'unfinished') return `It ended with “${reply.parts.finish ?? 'an unknown reason'}”.`;
  const end = text.trimEnd();
  if (end.length < SHORTEST || row.verdict?.outcome === 'correct') return undefined;
  if (endsInBox(end)) return 'It ends inside a box.';
  if (endsInDisplay(end)) return 'It ends inside a formula.';
  if (OPEN_END.test(end)) return 'It ends inside a sentence or formula.';
  if (WORD_END.test(end) && !row.isStated) return 'It ends inside a sentence, without a final answer.';
  return undefined;
}

function endsInBox(text: string): boolean {
  const open = Math.max(text.lastIndexOf('\\boxed{'), text.lastIndexOf('\\fbox{'));
  return (
    open >= 0 && text.length - open < LONGEST_DISPLAY && !findBoxes(text.slice(open)).some(({ start }) => start === 0)
  );
}

function endsInDisplay(text: string): boolean {
  const tail = text.slice(-LONGEST_DISPLAY);
  const isOpen = (open: RegExp, close: string): boolean => {
    const at = [...tail.matchAll(open)].at(-1)?.index ?? -1;
    return at >= 0 && !tail.includes(close, at);
  };
  // `\\[2pt]` is a line break.
  return isOpen(/(?<!\\)\\\[/g, '\\]') || isOpen(/(?<!\\)\\\(/g, '\\)') || isOpen(/\\begin\{/g, '\\end{');
}
