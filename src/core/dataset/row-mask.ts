import { z } from 'zod';
import { Segment } from '../schemas/index.ts';
import type { Row } from './values.ts';

/** Parquet has null where JSON has nothing. */
const Part = z.object({ part: z.enum(['reasoning', 'content']).nullish() });
const Segments = z.array(Segment.extend(Part.shape));
const LossMask = z.array(Segment.omit({ piece: true }).extend(Part.shape));
type Entry = z.infer<typeof LossMask>[number] & Partial<Segment>;

/**
 * The loss mask of a row of messages as segments of its trace, in UTF-16 code units: `segments` or `loss_mask` of an export, whose offsets are
 * code points of the assistant's text, or the mark of the whole turn. Text that no entry covers is trained.
 * @param untrained The turn is excluded from the loss.
 * @param reasoning The thought beside the content: the segments are on both texts joined, the thought first.
 * @returns Undefined where the row has no mask, or one that does not fit the text.
 */
export function rowMask(row: Row, text: string, untrained: boolean, reasoning = ''): Segment[] | undefined {
  if (untrained) return [{ piece: 'trace', start: 0, end: reasoning.length + text.length, train: false }];
  // Most rows have neither, and a failed check takes longer than all else of a row.
  if (row.segments === undefined && row.loss_mask === undefined) return undefined;
  const entries: Entry[] | undefined = Segments.safeParse(row.segments).data ?? LossMask.safeParse(row.loss_mask).data;
  if (entries === undefined || entries.length === 0) return undefined;
  const thought =
    reasoning === ''
      ? []
      : maskOf(
          entries.filter(({ part }) => part === 'reasoning'),
          reasoning,
        );
  const answer = maskOf(
    entries.filter(({ part }) => part !== 'reasoning'),
    text,
  );
  if (thought === undefined || answer === undefined) return undefined;
  const shift = reasoning.length;
  return [...thought, ...answer.map((one) => ({ ...one, start: one.start + shift, end: one.end + shift }))];
}

/** Entries of one part as segments of its text. */
function maskOf(entries: readonly Entry[], text: string): Segment[] | undefined {
  const units = unitOffsets(text);
  const segments: Segment[] = [];
  let at = 0;
  const add = (piece: Segment['piece'], end: number, train: boolean): void => {
    if (end > at) segments.push({ piece, start: at, end, train });
    at = end;
  };
  for (const entry of entries) {
    const [start, end] = [units(entry.start), units(entry.end)];
    if (start === undefined || end === undefined || start < at || end < start) return undefined;
    add('trace', start, true);
    add(entry.piece ?? 'trace', end, entry.train);
  }
  add('trace', text.length, true);
  return segments;
}

/**
 * A mask of the text as a row has it, on the trace that is made of parts of that text, without the tags between them. What lies between two parts is as
 * the one before; a part that the row has elsewhere, such as a column of its own, is trained.
 */
export function carriedMask(
  mask: readonly Segment[],
  written: string,
  text: string,
  parts: readonly string[],
): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  const add = (piece: Segment['piece'], end: number, train: boolean): void => {
    const last = segments.at(-1);
    if (end <= at) return;
    if (last?.piece === piece && last.train === train) last.end = end;
    else segments.push({ piece, start: at, end, train });
    at = end;
  };
  let [writtenFrom, textFrom] = [0, 0];
  for (const part of parts) {
    const [start, place] = [written.indexOf(part, writtenFrom), text.indexOf(part, textFrom)];
    if (part === '' || start < 0 || place < 0) continue;
    [writtenFrom, textFrom] = [start + part.length, place + part.length];
    const last = segments.at(-1);
    add(last?.piece ?? 'trace', place, last?.train ?? true);
    for (const one of mask) {
      const end = Math.min(one.end, writtenFrom);
      if (Math.max(one.start, start) < end) add(one.piece, place + end - start, one.train);
    }
  }
  add('trace', text.length, true);
  return segments;
}

/** Segments of a trace with a thought. What is only known as part of the trace is the response after its start. */
export function withResponse(segments: readonly Segment[], start: number): Segment[] {
  return segments.flatMap((segment) => {
    if (segment.piece !== 'trace' || segment.end <= start) return [segment];
    const response = { ...segment, piece: 'response' as const, start: Math.max(segment.start, start) };
    return segment.start < start ? [{ ...segment, end: start }, response] : [response];
  });
}

/** Maps offsets from code points to UTF-16 code units; undefined after the end of the text. */
export function unitOffsets(text: string): (points: number) => number | undefined {
  if (!/[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text)) return (points) => (points <= text.length ? points : undefined);
  const offsets: number[] = [];
  let at = 0;
  for (const character of text) {
    offsets.push(at);
    at += character.length;
  }
  offsets.push(at);
  return (points) => offsets[points];
}
