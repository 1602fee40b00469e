import type { ColumnMapping, Problem } from '../model/index.ts';
import { findBoxes } from '../text/boxes.ts';
import type { AnswerFrom } from './columns.ts';
import { chatTurns } from './messages.ts';
import { isRow, scalarText, valueAt } from './values.ts';

/** A problem as a row gives it; its id may be missing, clash, or not be one of ours yet. */
export type MappedProblem = Omit<Problem, 'id'> & { id?: string };

export type MappedRow = { problem: MappedProblem } | { reason: string };

/** Reads a row through a mapping; the reason says which column is at fault and how. */
export function mapRow(row: unknown, mapping: ColumnMapping): MappedRow {
  if (!isRow(row)) return { reason: 'it is no object with named columns' };
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
  const level = mapping.level === undefined ? undefined : valueAt(row, mapping.level);
  return {
    problem: {
      problem,
      answer,
      ...(typeof level === 'number' && Number.isFinite(level) ? { level } : text(row, mapping, 'level')),
      ...text(row, mapping, 'id'),
      ...text(row, mapping, 'solution'),
      ...text(row, mapping, 'topic'),
      ...text(row, mapping, 'source'),
      ...text(row, mapping, 'licence'),
    },
  };
}

const MARKS: Record<AnswerFrom, string> = { plain: 'answer', boxed: '\\boxed{}', hash: 'line with ####' };

/**
 * The answer in a column's text: as it stands, what the last complete `\boxed{}` holds, or what follows the last `####` on its line. A plain
 * answer that is one box gives what it holds. Undefined when there is none.
 */
export function readAnswer(written: string, from: AnswerFrom): string | undefined {
  if (from === 'hash') {
    const mark = written.lastIndexOf('####');
    const line =
      mark === -1
        ? ''
        : (written
            .slice(mark + 4)
            .trim()
            .split('\n')[0] ?? '');
    return line.trim() === '' ? undefined : line.trim();
  }
  const whole = written.trim();
  const last = findBoxes(whole).at(-1);
  const isBox = last !== undefined && /^[$\s]*$/.test(whole.slice(0, last.start) + whole.slice(last.end));
  if (from === 'plain' && !isBox) return whole === '' ? undefined : whole;
  const inside = last && whole.slice(last.innerStart, last.innerEnd).trim();
  return inside === '' ? undefined : inside;
}

/** The text of a question: as it stands, or what the user of a chat asks. */
export function questionText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  const asked = chatTurns(value)?.filter((turn) => turn.role === 'user');
  return asked?.length === 1 ? asked[0]?.content.trim() || undefined : undefined;
}

type TextColumn = 'id' | 'solution' | 'level' | 'topic' | 'source' | 'licence';

function text<K extends TextColumn>(row: unknown, mapping: ColumnMapping, name: K): Partial<Record<K, string>> {
  const column = mapping[name];
  const value = column === undefined ? undefined : scalarText(valueAt(row, column))?.trim();
  const part: Partial<Record<K, string>> = {};
  if (value !== undefined) part[name] = value;
  return part;
}
