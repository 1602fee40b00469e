import { defined } from '../defined.ts';
import { type AnswerFrom, type ColumnMapping, levelAndTopic, type Problem } from '../schemas/index.ts';
import { findBoxes } from '../text/boxes.ts';
import { chatTurns } from './messages.ts';
import { isRow, scalarText, valueAt } from './values.ts';

/** A problem as a row gives it; its id may be missing, repeated or invalid. */
export type MappedProblem = Omit<Problem, 'id'> & { id?: string };

export type MappedRow = { problem: MappedProblem } | { reason: string };

/** Reads a row through a mapping; `reason` names the column that is wrong. */
export function mapRow(row: unknown, mapping: ColumnMapping): MappedRow {
  if (!isRow(row)) return { reason: 'it is not an object with named columns' };
  const problem = questionText(valueAt(row, mapping.problem));
  if (problem === undefined) return { reason: `column “${mapping.problem}” holds no text` };
  const given = valueAt(row, mapping.answer);
  if (typeof given === 'number' && Math.abs(given) > Number.MAX_SAFE_INTEGER) {
    return { reason: `column “${mapping.answer}” holds a number with more digits than JSON keeps; write it as text` };
  }
  const written = scalarText(given);
  if (written === undefined) return { reason: `column “${mapping.answer}” holds no answer` };
  const answer = readAnswer(written, mapping.answerFrom);
  if (answer === undefined) return { reason: `column “${mapping.answer}” holds no ${MARKS[mapping.answerFrom]}` };
  const text = (name: 'id' | 'solution' | 'topic' | 'source' | 'licence'): string | undefined =>
    textAt(row, mapping[name]);
  const level = mapping.level === undefined ? undefined : valueAt(row, mapping.level);
  return {
    problem: {
      problem,
      answer,
      ...defined({ id: text('id'), solution: text('solution') }),
      ...levelAndTopic({
        level: typeof level === 'number' && Number.isFinite(level) ? level : scalarText(level)?.trim(),
        topic: text('topic'),
      }),
      ...defined({ source: text('source'), licence: text('licence') }),
    },
  };
}

const MARKS: Record<AnswerFrom, string> = { plain: 'answer', boxed: '\\boxed{}', hash: 'line with ####' };

/**
 * The answer in a column's text: the whole text, the content of the last complete `\boxed{}`, or the rest of the line after the last
 * `####`. A plain answer that is one box gives its content. Undefined if there is none.
 */
export function readAnswer(written: string, from: AnswerFrom): string | undefined {
  if (from === 'hash') {
    const mark = written.lastIndexOf('####');
    const line =
      mark === -1
        ? ''
        : (
            written
              .slice(mark + 4)
              .trim()
              .split('\n')[0] ?? ''
          ).trim();
    return line === '' ? undefined : line;
  }
  const whole = written.trim();
  const last = findBoxes(whole).at(-1);
  const isBox = last !== undefined && /^[$\s]*$/.test(whole.slice(0, last.start) + whole.slice(last.end));
  if (from === 'plain' && !isBox) return whole === '' ? undefined : whole;
  const inside = last && whole.slice(last.innerStart, last.innerEnd).trim();
  return inside === '' ? undefined : inside;
}

/** The question: the text itself, or the one user turn of a chat. */
export function questionText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  const asked = chatTurns(value)?.filter((turn) => turn.role === 'user');
  return asked?.length === 1 ? asked[0]?.content.trim() || undefined : undefined;
}

/** The trimmed text in a column; undefined where the column or the text is missing. */
export function textAt(row: unknown, column: string | undefined): string | undefined {
  return column === undefined ? undefined : scalarText(valueAt(row, column))?.trim();
}
