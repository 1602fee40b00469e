import { z } from 'zod';
import { ProgressLine } from '../schemas/index.ts';

/** Starts a frame in the log of a job whose files can't be read: a line of JSON follows. */
export const FRAME_MARK = '@@LONGHAND ';
/** In UTF-16 code units with the mark. Ray passes on lines of at most 4 MB. */
export const LONGEST_FRAME = 1024 * 1024;

/** A part of a file in the log. `at`: UTF-8 bytes of the file before it, so that a part that is read twice adds nothing. */
export const FilePiece = z.object({
  file: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}\.jsonl$/),
  at: z.number().int().nonnegative(),
  text: z.string().min(1),
});
export type FilePiece = z.infer<typeof FilePiece>;

export type LogItem =
  | { kind: 'text'; text: string }
  | { kind: 'progress'; line: ProgressLine }
  | { kind: 'piece'; piece: FilePiece };

/**
 * Splits a log into frames and text, part by part. Text is passed on immediately, also within a line. A frame may follow text without a line
 * end, such as a progress bar; an unreadable frame is text. The result does not depend on how the log is split into parts, except where text
 * is split.
 */
export class LogSplitter {
  /** From the first character that may start a frame. */
  #held = '';

  push(part: string): LogItem[] {
    const items: LogItem[] = [];
    let rest = this.#held + part;
    this.#held = '';
    while (rest !== '') {
      const start = rest.indexOf(FRAME_MARK);
      if (start === -1) {
        const end = rest.length - overlap(rest);
        add(items, rest.slice(0, end));
        this.#held = rest.slice(end);
        return items;
      }
      add(items, rest.slice(0, start));
      const end = rest.indexOf('\n', start);
      if (end === -1 && rest.length - start <= LONGEST_FRAME) {
        this.#held = rest.slice(start);
        return items;
      }
      const frame = end === -1 || end - start > LONGEST_FRAME ? undefined : readFrame(rest.slice(start, end));
      if (frame) items.push(frame);
      // Only the mark, because a frame may start within the rest.
      else add(items, FRAME_MARK);
      rest = rest.slice(frame ? end + 1 : start + FRAME_MARK.length);
    }
    return items;
  }

  /** The rest after the end of the log: a frame may lack its line end. */
  end(): LogItem[] {
    if (this.#held === '') return [];
    const items = this.push('\n');
    const last = items.at(-1);
    if (last?.kind === 'text') last.text = last.text.slice(0, -1);
    return items.filter((item) => item.kind !== 'text' || item.text !== '');
  }
}

/** Number of characters at the end of `text` that may start a mark. */
function overlap(text: string): number {
  for (let size = Math.min(FRAME_MARK.length - 1, text.length); size > 0; size--) {
    if (text.endsWith(FRAME_MARK.slice(0, size))) return size;
  }
  return 0;
}

function add(items: LogItem[], text: string): void {
  const last = items.at(-1);
  if (text === '') return;
  if (last?.kind === 'text') last.text += text;
  else items.push({ kind: 'text', text });
}

function readFrame(line: string): LogItem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.slice(FRAME_MARK.length));
  } catch {
    return undefined;
  }
  const piece = FilePiece.safeParse(value);
  if (piece.success) return { kind: 'piece', piece: piece.data };
  const progress = ProgressLine.safeParse(value);
  return progress.success ? { kind: 'progress', line: progress.data } : undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The lines of a file from pieces in a log. Pieces that are read twice count once. */
export class PieceLines {
  #size = 0;
  #held = '';
  /** A piece is missing, so that later lines are lost. */
  gap = false;

  /** The lines that this piece completes, without their ends. */
  push({ at, text }: Pick<FilePiece, 'at' | 'text'>): string[] {
    if (at > this.#size) this.gap = true;
    const bytes = encoder.encode(text);
    if (this.gap || at + bytes.length <= this.#size) return [];
    const fresh = decoder.decode(bytes.subarray(this.#size - at));
    this.#size = at + bytes.length;
    const lines = (this.#held + fresh).split('\n');
    this.#held = lines.pop() ?? '';
    return lines;
  }
}
