import type { FilePiece } from './log-frames.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The lines of one file that comes home in pieces. A log that is read again brings pieces again: each byte counts once. */
export class PieceLines {
  #size = 0;
  #held = '';
  /** A piece before it never came: lines from there on are lost. */
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
