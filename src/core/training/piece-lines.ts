import type { FilePiece } from './log-frames.ts';

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
