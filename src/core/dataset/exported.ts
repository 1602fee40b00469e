import { z } from 'zod';
import { defined } from '../defined.ts';
import type { ReviewRow } from '../export/reviews.ts';
import type { StepMark } from '../review/index.ts';
import { ChainClass, type ChainOrigin, OverrideOutcome, type Problem, type RoundKind, Span } from '../schemas/index.ts';
import { unitOffsets } from './row-mask.ts';
import { joinTrace, type PartedTrace, partTrace } from './thought.ts';
import { type MappedTrace, segmentsOf } from './traces.ts';
import type { Row } from './values.ts';

/** What else an export says about its rows. */
export interface ExportContext {
  /** Of its problems, by id. */
  problems: ReadonlyMap<string, Problem>;
  /** Of its rounds. */
  kinds: ReadonlyMap<string, RoundKind>;
  /** By the ids of its rows; undefined where it has no reviews. */
  reviews: ReadonlyMap<string, readonly ReviewRow[]> | undefined;
}

export interface ExportedTrace {
  trace: MappedTrace;
  /** As the export writes it, with its source. */
  rowId: string;
  round: string;
  /** Outcomes of reviewers who overruled the grading. */
  overrides: { reviewer: string; outcome: OverrideOutcome; reason: string }[];
  /** Labels of steps of its reviewers, in code units of the trace. */
  steps: { reviewer: string; marks: StepMark[] }[];
  /** Of the chain. */
  text: string;
}

const offset = z.number().int().nonnegative();
const part = z.enum(['reasoning', 'content']).nullish();
const Message = z.object({
  role: z.string(),
  content: z.string(),
  reasoning_content: z.string().nullish(),
  thinking: z.string().nullish(),
});
const Place = z.object({ start: offset, end: offset });
/** A row of supervised fine-tuning. Parquet has null for what JSON leaves out. */
const ExportedRow = z.object({
  id: z.string().min(1),
  problem_id: z.string().min(1),
  answer: z.string(),
  class: ChainClass.nullish(),
  round: z.string().min(1),
  model: z.string(),
  parent: z.string().min(1).nullish(),
  source: z.enum(['dialogue', 'sampling']).nullish(),
  spans: z.array(
    Span.omit({ id: true }).extend({ part, acts: z.array(Place).nullish(), version: z.string().nullish() }),
  ),
  overrides: z.array(z.object({ reviewer: z.string().min(1), outcome: OverrideOutcome, reason: z.string() })),
  messages: z.array(Message).nullish(),
  prompt: z.array(Message).nullish(),
  completion: z.array(Message).nullish(),
});
type ExportedRow = z.infer<typeof ExportedRow>;

const ORIGINS: Readonly<Record<RoundKind, ChainOrigin>> = {
  dialogue: 'dialogue',
  sampling: 'sampled',
  continued: 'sampled',
  repair: 'sampled',
  handwritten: 'handwritten',
  imported: 'imported',
};

/** Reads a row of an export with everything that it has. */
export function mapExported(
  row: unknown,
  { problems, kinds, reviews }: ExportContext,
): ExportedTrace | { reason: string } {
  const read = ExportedRow.safeParse(row);
  const issue = read.error?.issues[0];
  if (read.data === undefined)
    return { reason: `it is no row of an export: ${issue?.path.join('.')} ${issue?.message}` };
  const { data } = read;
  const turns = data.messages ?? [...(data.prompt ?? []), ...(data.completion ?? [])];
  const [question, reply] = [turns.findLast(({ role }) => role === 'user'), turns.at(-1)];
  if (question === undefined || reply?.role !== 'assistant') return { reason: 'it has no question and answer' };
  const text = verbatimText(reply);
  const stored = problems.get(data.problem_id);
  const { level, topic, source, licence } = stored ?? {};
  const joined = joinTrace(text.parts);
  const segments = segmentsOf(row as Row, text.reply, text.parts, joined);
  const trace: MappedTrace = {
    question: stored?.problem ?? question.content,
    gold: data.answer,
    index: 0,
    written: reply.content,
    parts: text.parts,
    id: withoutSource(data),
    problemId: data.problem_id,
    model: data.model,
    ...defined({ level, topic, source, licence, segments }),
    exported: {
      origin: ORIGINS[kinds.get(data.round) ?? 'imported'],
      ...defined({ class: data.class ?? undefined, parent: data.parent ?? undefined }),
      spans: data.spans.map((span, at) => ({ ...text.placed(span), id: `s${at + 1}` })),
    },
  };
  const steps = (reviews?.get(data.id) ?? []).flatMap(({ reviewer, steps: labelled = [] }) =>
    labelled.length === 0 ? [] : [{ reviewer, marks: labelled.map((step) => markOf(step, text)) }],
  );
  return { trace, rowId: data.id, round: data.round, overrides: data.overrides, steps, text: joined };
}

type RowStep = NonNullable<ReviewRow['steps']>[number];

function markOf({ part: of, start, end, label, implied }: RowStep, { at }: VerbatimText): StepMark {
  return { start: at(start, of), end: at(end, of), label, ...defined({ implied }) };
}

/** An export that separates sources has the source before each id. */
function withoutSource({ id, source }: ExportedRow): string {
  const prefix = `${source ?? ''}/`;
  return prefix !== '/' && id.startsWith(prefix) && id.length > prefix.length ? id.slice(prefix.length) : id;
}

type RowSpan = ExportedRow['spans'][number];

interface VerbatimText {
  parts: PartedTrace;
  reply: { text: string; reasoning?: string };
  /** An offset of the row, in code points of the part, on the joined trace. */
  at(points: number, part: RowSpan['part']): number;
  /** A span of the row on the joined trace. */
  placed(span: RowSpan): Omit<Span, 'id'>;
}

/** The text of a reply as the row has it: nothing is trimmed where it is one text. */
function verbatimText({ content, reasoning_content, thinking }: z.infer<typeof Message>): VerbatimText {
  const thought = reasoning_content ?? thinking ?? undefined;
  const tagged = thought === undefined && content.startsWith('<think>\n') ? partTrace(content) : undefined;
  const parts: PartedTrace =
    tagged?.thought !== undefined
      ? tagged
      : {
          answer: content,
          ...defined({ thought, finished: thought !== undefined && content === '' ? false : undefined }),
        };
  const text = joinTrace(parts);
  const [before, after] = [parts.thought ?? '', parts.answer];
  // Where thought and answer are in the text of the row, and in the joined one.
  const written = tagged === undefined ? 0 : content.indexOf(before);
  const answerAt = tagged === undefined ? 0 : content.length - after.length;
  const shifted = (units: number, isThought: boolean): number =>
    isThought ? units - written : units - answerAt + text.length - after.length;
  const units = { reasoning: unitOffsets(before), content: unitOffsets(content) };
  const at = (points: number, of: RowSpan['part']): number => {
    const found = units[of ?? 'content'](points) ?? 0;
    const isThought = of === 'reasoning' || (tagged !== undefined && found <= written + before.length);
    return Math.min(text.length, Math.max(0, shifted(found, isThought)));
  };
  const placed = ({ part: of, acts, version, ...span }: RowSpan): Omit<Span, 'id'> => {
    const inside = acts?.map((act) => ({ start: at(act.start, of), end: at(act.end, of) }));
    return {
      ...span,
      start: at(span.start, of),
      end: at(span.end, of),
      ...defined({ acts: inside, version: version ?? undefined }),
    };
  };
  return { parts, reply: { text: content, ...defined({ reasoning: thought }) }, at, placed };
}
