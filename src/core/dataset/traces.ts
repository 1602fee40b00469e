import { defined } from '../defined.ts';
import { finishOutcome } from '../models/reply-outcome.ts';
import type { ChainClass, ChainOrigin, FileMapping, Segment, Span, TraceMapping } from '../schemas/index.ts';
import {
  ANSWER_NAMES,
  answerColumn,
  ID_NAMES,
  isText,
  LEVEL_NAMES,
  LICENCE_NAMES,
  PROBLEM_NAMES,
  SOURCE_NAMES,
  TOPIC_NAMES,
  type Unrecognised,
} from './columns.ts';
import { chatTurns, readContent } from './messages.ts';
import { questionText, readAnswer, textAt } from './row.ts';
import { carriedMask, rowMask, withResponse } from './row-mask.ts';
import { joinTrace, type PartedTrace, partTrace } from './thought.ts';
import { columnsOf, findColumn, isRow, median, plainColumn, type Row, scalarText, valueAt } from './values.ts';

export interface MappedTrace {
  question: string;
  /** The gold answer, if the row has one. The file's own right/wrong marks are not read. */
  gold?: string;
  /** Which trace of its row, from 0. */
  index: number;
  /** The reply as it is written, with its tags. */
  written: string;
  parts: PartedTrace;
  /** The loss mask of the row over the joined trace, and where its answer starts; absent where it has neither. */
  segments?: Segment[];
  id?: string;
  /** The row's id for its problem. */
  problemId?: string;
  model?: string;
  level?: string | number;
  topic?: string;
  source?: string;
  licence?: string;
  /** Of a row of an export. */
  exported?: ExportedFacts;
}

/** What a row of an export has about its chain beside text and mask. */
export interface ExportedFacts {
  origin: ChainOrigin;
  class?: ChainClass;
  /** Id of the chain that it was made from. */
  parent?: string;
  /** On the joined trace, in UTF-16 code units. */
  spans: Span[];
}

export type MappedTraces = { traces: MappedTrace[] } | { reason: string };

/** Lists come first, then specific names. */
const REPLY_NAMES = [
  ...['generations', 'completions', 'responses', 'traces', 'trace', 'completion', 'response', 'generation'],
  ...['output', 'outputs', 'generatedtext', 'generatedsolution', 'modeloutput', 'generated', 'reply'],
  ...['chainofthought', 'cot', 'reasoningtrace', 'deepseeksolution', 'solution', 'text', 'content'],
];
const REASONING_NAMES = ['reasoningcontent', 'reasoning', 'deepseekreasoning', 'thinking', 'thought', 'thoughts'];
const MODEL_NAMES = ['model', 'modelname', 'generator'];
export const FINISH_NAMES = ['finishreason', 'finish', 'stopreason', 'finishreasons', 'finishes', 'stopreasons'];
/** The choices of an OpenAI reply, each with its finish reason; the logs of Inspect have them beside the messages. */
const CHOICES = ['choices'];
const isReplyChoices = (value: unknown): boolean =>
  Array.isArray(value) && value.some((choice) => isRow(choice) && isRow(choice.message));
/** In a file of traces, `label` and `result` often hold a judgement of the answer. */
const GOLD_NAMES = ANSWER_NAMES.filter((name) => name !== 'label' && name !== 'result');
const PROBLEM_ID_NAMES = ['problemid', 'questionid'];
const TRACE_ID_NAMES = ID_NAMES.filter((name) => !PROBLEM_ID_NAMES.includes(name));
/** A column called `answer` holds traces if its median length is at least this. */
const TRACE_LENGTH = 200;

/**
 * Finds question and traces from the first rows: chats (`messages`, ShareGPT), prompt and completion, `generations` lists, or a problem
 * with a trace, response, output or solution.
 */
export function recogniseTraces(rows: readonly unknown[]): TraceMapping | Unrecognised {
  const columns = columnsOf(rows);
  if (columns.length === 0) return { reason: 'The file has no rows with named columns.' };
  const listed = `It has: ${columns.slice(0, 20).join(', ')}.`;
  const chat = columns.find((column) => findColumn([column], [plainColumn(column)], rows, isWholeChat));
  const asked = chat ?? findColumn(columns, PROBLEM_NAMES, rows, (value) => questionText(value) !== undefined);
  const { question, input } = alpacaColumns(columns, asked, rows);
  if (question === undefined) return { reason: `No column looks like the problem or a chat. ${listed}` };
  const replies = chat ?? replyColumn(columns, question, rows);
  const reasoning = findColumn(columns, REASONING_NAMES, rows, isText);
  const found = replies ?? reasoning;
  if (found === undefined) return { reason: `No column looks like a chain of thought. ${listed}` };
  const rest = columns.filter((column) => ![question, input, found, reasoning].includes(column));
  const gold = answerColumn(rest, rows, GOLD_NAMES, ['solution', 'groundtruthsolution']);
  const text = (names: readonly string[]): string | undefined =>
    findColumn(rest, names, rows, (value) => scalarText(value) !== undefined);
  const answer = gold ? { answer: gold.column, answerFrom: gold.from } : {};
  return {
    problem: question,
    trace: found,
    ...answer,
    ...defined({
      input,
      reasoning: reasoning === found || chat ? undefined : reasoning,
      id: text(TRACE_ID_NAMES),
      problemId: text(PROBLEM_ID_NAMES),
      model: text(MODEL_NAMES),
      finish:
        findColumn(rest, FINISH_NAMES, rows, (value) => finishesOf(value).some((one) => one !== undefined)) ??
        findColumn(rest, CHOICES, rows, isReplyChoices),
      level: text(LEVEL_NAMES),
      topic: text(TOPIC_NAMES),
      source: text(SOURCE_NAMES),
      licence: text(LICENCE_NAMES),
    }),
  };
}

/**
 * As `recogniseTraces`, for a file that is read where it is: without a problem, the column of the longest texts holds the traces.
 */
export function recogniseFile(rows: readonly unknown[]): FileMapping | Unrecognised {
  const found = recogniseTraces(rows);
  if (!('reason' in found)) return found;
  const columns = columnsOf(rows);
  const problem = findColumn(columns, PROBLEM_NAMES, rows, (value) => questionText(value) !== undefined);
  const named = replyColumn(columns, problem ?? '', rows);
  if (named !== undefined) return { trace: named };
  const length = (column: string): number =>
    median(rows.map((row) => valueAt(row, column)).map((value) => (isText(value) ? value.length : 0)));
  const longest = columns.toSorted((a, b) => length(b) - length(a))[0];
  return longest === undefined || length(longest) === 0 ? found : { trace: longest };
}

/** Alpaca's `input` follows its instruction. Where all rows have the same instruction, the input is the problem. */
function alpacaColumns(
  columns: readonly string[],
  question: string | undefined,
  rows: readonly unknown[],
): { question: string | undefined; input?: string } {
  if (question === undefined || plainColumn(question) !== 'instruction') return { question };
  const input = columns.find(
    (column) => plainColumn(column) === 'input' && rows.some((row) => isText(valueAt(row, column))),
  );
  if (input === undefined) return { question };
  const isConstant = rows.length > 1 && new Set(rows.map((row) => valueAt(row, question))).size === 1;
  return isConstant && rows.every((row) => isText(valueAt(row, input))) ? { question: input } : { question, input };
}

function replyColumn(columns: readonly string[], question: string, rows: readonly unknown[]): string | undefined {
  const rest = columns.filter((column) => column !== question);
  const named =
    findColumn(rest, REPLY_NAMES, rows, (value) => repliesOf(value).length > 0) ??
    findColumn(rest, CHOICES, rows, isReplyChoices);
  if (named !== undefined) return named;
  const answer = findColumn(rest, ANSWER_NAMES, rows, isText);
  if (answer === undefined) return undefined;
  const lengths = rows.map((row) => scalarText(valueAt(row, answer))?.length ?? 0);
  return median(lengths) >= TRACE_LENGTH ? answer : undefined;
}

/** Whether a value is a chat with a user turn that ends with a reply. */
export function isWholeChat(value: unknown): boolean {
  const turns = chatTurns(value);
  return turns?.at(-1)?.role === 'assistant' && turns.some(({ role }) => role === 'user');
}

/** Reads the traces of a row; `reason` names the column that is wrong. */
export function mapTrace(row: unknown, mapping: FileMapping): MappedTraces {
  if (!isRow(row)) return { reason: 'it is not an object with named columns' };
  const asked = questionOf(row, mapping);
  if (typeof asked !== 'string') return asked;
  const replies = repliesOf(valueAt(row, mapping.trace));
  if (replies.length === 0) return { reason: `column “${mapping.trace}” holds no trace` };
  const reasoning = mapping.reasoning === undefined ? undefined : scalarText(valueAt(row, mapping.reasoning));
  const text = (column: string | undefined): string | undefined => textAt(row, column);
  const written = mapping.answer === undefined ? undefined : scalarText(valueAt(row, mapping.answer));
  const gold = written === undefined ? undefined : readAnswer(written, mapping.answerFrom ?? 'plain');
  const level = mapping.level === undefined ? undefined : valueAt(row, mapping.level);
  const common = defined({
    gold,
    id: text(mapping.id),
    problemId: text(mapping.problemId),
    model: text(mapping.model),
    level: typeof level === 'number' ? level : text(mapping.level),
    topic: text(mapping.topic),
    source: text(mapping.source),
    licence: text(mapping.licence),
  });
  const finishes = mapping.finish === undefined ? [] : finishesOf(valueAt(row, mapping.finish));
  const traces = replies.map((reply, index) => {
    const finish = reply.finish ?? (finishes.length > 1 ? finishes[reply.at] : finishes[0]);
    const whole = { ...reply, ...defined({ reasoning: reply.reasoning ?? reasoning }) };
    const parts = partsOf(whole);
    const text = joinTrace(parts);
    const segments = segmentsOf(row, whole, parts, text);
    return {
      question: withoutInstructions(asked),
      index,
      written: reply.text,
      parts: withFinish(parts, finish),
      ...common,
      ...defined({ segments }),
    };
  });
  const whole = traces.filter(({ parts }) => parts.answer !== '' || parts.thought !== undefined);
  return whole.length > 0 ? { traces: whole } : { reason: `column “${mapping.trace}” holds an empty trace` };
}

/** The loss mask of a row over its joined trace, and where the answer after a thought starts. Undefined where all is one trained piece. */
export function segmentsOf(
  row: Row,
  reply: Reply,
  { thought = '', answer }: PartedTrace,
  text: string,
): Segment[] | undefined {
  // Offsets of a mask are on the texts as the row has them.
  const written = `${reply.reasoning ?? ''}${reply.text}`;
  const mask = rowMask(row, reply.text, false, reply.reasoning);
  const masked = reply.untrained
    ? rowMask(row, text, true)
    : mask && carriedMask(mask, written, text, [thought, answer]);
  if (thought === '' || answer === '') return masked;
  const whole: Segment[] = masked ?? [{ piece: 'trace', start: 0, end: text.length, train: true }];
  return withResponse(whole, text.length - answer.length);
}

/** The problem of a row and what follows it; empty where no column holds problems. */
function questionOf(row: Row, { problem, input, trace }: FileMapping): string | { reason: string } {
  if (problem === undefined) return '';
  const value = valueAt(row, problem);
  if (problem === trace && !chatTurns(value)) return { reason: `column “${problem}” holds no chat` };
  const asked = questionText(value);
  if (asked === undefined) {
    const turns = chatTurns(value)?.filter((turn) => turn.role === 'user').length ?? 0;
    return { reason: turns > 1 ? `its chat asks ${turns} times` : `column “${problem}” holds no question` };
  }
  return [asked, textAt(row, input) ?? ''].filter((part) => part !== '').join('\n\n');
}

interface Reply {
  text: string;
  reasoning?: string;
  finish?: string;
  untrained?: true;
}

/** Replies in a value: a text, an object with text, a chat that ends with one, or a list of these. */
function repliesOf(value: unknown): (Reply & { at: number })[] {
  const single = replyOf(value);
  if (single) return [{ ...single, at: 0 }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry, at) => {
    const reply = replyOf(entry);
    return reply === undefined ? [] : [{ ...reply, at }];
  });
}

/** The finish reasons in a value: one, or a list of one for each trace of the row. */
function finishesOf(value: unknown): (string | undefined)[] {
  return (Array.isArray(value) ? value : [value]).map((one) => (isRow(one) ? finishIn(one) : scalarText(one)));
}

function finishIn(entry: Row): string | undefined {
  return scalarText(entry.finish_reason) ?? scalarText(entry.stop_reason);
}

function replyOf(value: unknown): Reply | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : { text: value };
  const turn = chatTurns(value)?.at(-1);
  if (turn) {
    const { role, content, reasoning, untrained } = turn;
    return role === 'assistant' ? { text: content, ...defined({ reasoning, untrained }) } : undefined;
  }
  // A user turn without a reply is not a trace.
  if (!isRow(value) || (chatTurns([value])?.[0]?.role ?? 'assistant') !== 'assistant') return undefined;
  const inner = isRow(value.message) ? value.message : value;
  const content = inner.content ?? inner.text ?? inner.generated_text ?? inner.response ?? inner.output;
  const said = readContent(inner, content ?? '');
  if (said === undefined || (said.text.trim() === '' && said.reasoning === undefined)) return undefined;
  return { ...said, ...defined({ finish: finishIn(value) }) };
}

function partsOf(reply: Reply): PartedTrace {
  if (reply.reasoning === undefined) return partTrace(reply.text);
  const answer = partTrace(reply.text);
  const thought = partTrace(reply.reasoning);
  // Some files keep the tags inside the reasoning column.
  return {
    thought: [thought.thought ?? '', thought.answer].join('').trim(),
    answer: answer.answer,
    finished: answer.answer !== '',
  };
}

function withFinish(parts: PartedTrace, finish: string | undefined): PartedTrace {
  if (finish === undefined) return parts;
  const ended = finishOutcome(finish);
  if (ended === 'answered') return { ...parts, finished: parts.finished !== false };
  return { ...parts, finished: false, ...(ended === 'truncated' ? {} : { finish }) };
}

/** Sentences about how to write the answer. They are not part of the problem and differ between files. */
const INSTRUCTION =
  /\\boxed\s*\{\s*\}|\b(?:think|reason|work|explain|proceed)\b.*\bstep[- ]by[- ]step\b|^(?:please )?(?:solve|answer) the following (?:math(?:s|ematics)?(?:ematical)? )?(?:problem|question)/i;

/** The question without an instruction before or after it; unchanged if nothing else is left. */
export function withoutInstructions(question: string): string {
  let rest = question.trim();
  for (;;) {
    const first = /^[^\n]*?[.:!?](?=\s)\s+|^[^\n]*\n+/.exec(rest)?.[0];
    if (first !== undefined && INSTRUCTION.test(first.trim())) rest = rest.slice(first.length).trim();
    else break;
  }
  for (;;) {
    const sentence = [...rest.matchAll(/[.?!]\s+/g)].at(-1)?.index ?? -1;
    const at = Math.max(rest.lastIndexOf('\n'), sentence + 1);
    const last = at > 0 ? rest.slice(at) : '';
    if (last !== '' && INSTRUCTION.test(last.trim())) rest = rest.slice(0, at).trim();
    else break;
  }
  return rest === '' ? question.trim() : rest;
}
