import {
  ANSWER_NAMES,
  type AnswerFrom,
  answerColumn,
  ID_NAMES,
  LEVEL_NAMES,
  LICENCE_NAMES,
  PROBLEM_NAMES,
  SOURCE_NAMES,
  TOPIC_NAMES,
  type Unrecognised,
} from './columns.ts';
import { chatTurns, contentText, reasoningOf } from './messages.ts';
import { questionText, readAnswer } from './row.ts';
import { type PartedTrace, partTrace } from './thought.ts';
import { columnsOf, findColumn, isRow, median, plainColumn, scalarText, valueAt } from './values.ts';

/** Where in a row the question and the traces stand. */
export interface TraceShape {
  /** Column of the question; the same as `replies` for a chat that holds both. */
  question: string;
  /** Column of the trace, or of a list of traces. */
  replies: string;
  /** Column of reasoning that is kept apart from the reply. */
  reasoning?: string;
  gold?: { column: string; from: AnswerFrom };
  id?: string;
  problemId?: string;
  model?: string;
  finish?: string;
  level?: string;
  topic?: string;
  source?: string;
  licence?: string;
}

/** One trace of a row. */
export interface MappedTrace {
  question: string;
  /** The trusted answer, when the row gives one; what the file says of right and wrong is not read. */
  gold?: string;
  /** Which trace of its row, from 0. */
  index: number;
  parts: PartedTrace;
  id?: string;
  /** What the row calls its problem. */
  problemId?: string;
  model?: string;
  level?: string | number;
  topic?: string;
  source?: string;
  licence?: string;
}

export type MappedTraces = { traces: MappedTrace[] } | { reason: string };

/** A list of traces says more than one trace, and a name of a trace more than `output`. */
const REPLY_NAMES = [
  ...['generations', 'completions', 'responses', 'traces', 'trace', 'completion', 'response', 'generation'],
  ...['output', 'outputs', 'generatedtext', 'generatedsolution', 'modeloutput', 'generated', 'reply'],
  ...['chainofthought', 'cot', 'reasoningtrace', 'deepseeksolution', 'solution', 'text', 'content'],
];
const REASONING_NAMES = ['reasoningcontent', 'reasoning', 'deepseekreasoning', 'thinking', 'thought', 'thoughts'];
const MODEL_NAMES = ['model', 'modelname', 'generator'];
const FINISH_NAMES = ['finishreason', 'finish', 'stopreason'];
/** What a model's answer was judged to be is often called `label` or `result`: in a file of traces these are no golds. */
const GOLD_NAMES = ANSWER_NAMES.filter((name) => name !== 'label' && name !== 'result');
const PROBLEM_ID_NAMES = ['problemid', 'questionid'];
const TRACE_ID_NAMES = ID_NAMES.filter((name) => !PROBLEM_ID_NAMES.includes(name));
/** A column called `answer` holds traces when its texts are this long. */
const TRACE_LENGTH = 200;

/**
 * Finds question and traces in a file from its first rows: chats (`messages`, ShareGPT), prompt and completion, `generations` lists, and
 * problem with trace, response, output or solution.
 */
export function recogniseTraces(rows: readonly unknown[]): TraceShape | Unrecognised {
  const columns = columnsOf(rows);
  if (columns.length === 0) return { reason: 'The file has no rows with named columns.' };
  const listed = `It has: ${columns.slice(0, 20).join(', ')}.`;
  const chat = columns.find((column) => findColumn([column], [plainColumn(column)], rows, isWholeChat));
  const question = chat ?? findColumn(columns, PROBLEM_NAMES, rows, (value) => questionText(value) !== undefined);
  if (question === undefined) return { reason: `No column looks like the problem or a chat. ${listed}` };
  const replies = chat ?? replyColumn(columns, question, rows);
  const reasoning = findColumn(columns, REASONING_NAMES, rows, isText);
  const found = replies ?? reasoning;
  if (found === undefined) return { reason: `No column looks like a chain of thought. ${listed}` };
  const rest = columns.filter((column) => ![question, found, reasoning].includes(column));
  const gold = answerColumn(rest, rows, GOLD_NAMES, ['solution']);
  const text = (names: readonly string[]): string | undefined =>
    findColumn(rest, names, rows, (value) => scalarText(value) !== undefined);
  const optional = {
    reasoning: reasoning === found || chat ? undefined : reasoning,
    id: text(TRACE_ID_NAMES),
    problemId: text(PROBLEM_ID_NAMES),
    model: text(MODEL_NAMES),
    finish: text(FINISH_NAMES),
    level: text(LEVEL_NAMES),
    topic: text(TOPIC_NAMES),
    source: text(SOURCE_NAMES),
    licence: text(LICENCE_NAMES),
  };
  const given = Object.entries(optional).filter(([, column]) => column !== undefined);
  return { question, replies: found, ...(gold ? { gold } : {}), ...Object.fromEntries(given) };
}

function replyColumn(columns: readonly string[], question: string, rows: readonly unknown[]): string | undefined {
  const rest = columns.filter((column) => column !== question);
  const named = findColumn(rest, REPLY_NAMES, rows, (value) => repliesOf(value).length > 0);
  if (named !== undefined) return named;
  const answer = findColumn(rest, ANSWER_NAMES, rows, isText);
  if (answer === undefined) return undefined;
  const lengths = rows.map((row) => scalarText(valueAt(row, answer))?.length ?? 0);
  return median(lengths) >= TRACE_LENGTH ? answer : undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isWholeChat(value: unknown): boolean {
  const turns = chatTurns(value);
  return turns?.at(-1)?.role === 'assistant' && turns.some(({ role }) => role === 'user');
}

/** Reads the traces of a row; the reason says which column is at fault and how. */
export function mapTrace(row: unknown, shape: TraceShape): MappedTraces {
  if (!isRow(row)) return { reason: 'it is no object with named columns' };
  const value = valueAt(row, shape.question);
  const isChat = shape.question === shape.replies;
  if (isChat && !chatTurns(value)) return { reason: `column “${shape.question}” holds no chat` };
  const asked = questionText(value);
  if (asked === undefined) {
    const turns = chatTurns(value)?.filter((turn) => turn.role === 'user').length ?? 0;
    return { reason: turns > 1 ? `its chat asks ${turns} times` : `column “${shape.question}” holds no question` };
  }
  const replies = repliesOf(valueAt(row, shape.replies));
  if (replies.length === 0) return { reason: `column “${shape.replies}” holds no trace` };
  const reasoning = shape.reasoning === undefined ? undefined : scalarText(valueAt(row, shape.reasoning));
  const text = (column: string | undefined): string | undefined =>
    column === undefined ? undefined : scalarText(valueAt(row, column))?.trim();
  const written = shape.gold && scalarText(valueAt(row, shape.gold.column));
  const gold = written === undefined ? undefined : readAnswer(written, shape.gold?.from ?? 'plain');
  const level = shape.level === undefined ? undefined : valueAt(row, shape.level);
  const common = given({
    gold,
    id: text(shape.id),
    problemId: text(shape.problemId),
    model: text(shape.model),
    level: typeof level === 'number' ? level : text(shape.level),
    topic: text(shape.topic),
    source: text(shape.source),
    licence: text(shape.licence),
  });
  const finish = text(shape.finish);
  const traces = replies.map((reply, index) => ({
    question: withoutInstructions(asked),
    index,
    parts: withFinish(
      partsOf({ ...reply, ...given({ reasoning: reply.reasoning ?? reasoning }) }),
      reply.finish ?? finish,
    ),
    ...common,
  }));
  const whole = traces.filter(({ parts }) => parts.answer !== '' || parts.thought !== undefined);
  return whole.length > 0 ? { traces: whole } : { reason: `column “${shape.replies}” holds an empty trace` };
}

interface Reply {
  text: string;
  reasoning?: string;
  finish?: string;
}

/** One reply or several: text, an object with text, a chat that ends with one, or a list of these. */
function repliesOf(value: unknown): Reply[] {
  const one = replyOf(value);
  if (one) return [one];
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => replyOf(entry) ?? []);
}

function replyOf(value: unknown): Reply | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : { text: value };
  const turn = chatTurns(value)?.at(-1);
  if (turn)
    return turn.role === 'assistant' ? { text: turn.content, ...given({ reasoning: turn.reasoning }) } : undefined;
  // A turn of the user in a chat without a reply is none.
  if (!isRow(value) || (chatTurns([value])?.[0]?.role ?? 'assistant') !== 'assistant') return undefined;
  const inner = isRow(value.message) ? value.message : value;
  const content = inner.content ?? inner.text ?? inner.generated_text ?? inner.response ?? inner.output;
  const text = contentText(content ?? '');
  const reasoning = reasoningOf(inner);
  if (text === undefined || (text.trim() === '' && reasoning === undefined)) return undefined;
  const finish = typeof value.finish_reason === 'string' ? value.finish_reason : undefined;
  return { text, ...given({ reasoning, finish }) };
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
  return { ...parts, finished: /^(?:stop|eos|end_turn|stop_sequence)$/i.test(finish) && parts.finished !== false };
}

/** Sentences that tell the model how to write its answer: they are no part of the problem, and differ from file to file. */
const INSTRUCTION =
  /\\boxed\s*\{\s*\}|\b(?:think|reason|work|explain|proceed)\b.*\bstep[- ]by[- ]step\b|^(?:please )?(?:solve|answer) the following (?:math(?:s|ematics)?(?:ematical)? )?(?:problem|question)/i;

/** The question without an instruction before or after it; unchanged when nothing else would be left. */
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

/** The members that are not undefined. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
