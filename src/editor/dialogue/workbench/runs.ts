import type { ChatMessage } from '../../../core/schemas/index.ts';
import type { TriedPiece, WorkbenchPiece } from '../../../protocol/workbench.ts';

interface OfPiece {
  state: WorkbenchPiece['state'];
  asking: WorkbenchPiece['asking'];
  last: TriedPiece | null;
  before: TriedPiece | null;
  /** The candidate of the next run. */
  take: number;
}

/** The runs of the pieces of one problem: the last two of each, and the current one. */
export class PieceRuns {
  readonly #pieces = new Map<string, OfPiece>();

  last(piece: string): TriedPiece | undefined {
    return this.#pieces.get(piece)?.last ?? undefined;
  }

  /** Keys of the last calls of these pieces, without pieces that have none. */
  keys(pieces: readonly string[]): Record<string, string> {
    const last = pieces.flatMap((piece) => this.last(piece) ?? []);
    return Object.fromEntries(last.map(({ piece, key }) => [piece, key]));
  }

  /** The next run of the piece gets an unused seed. */
  anotherTake(piece: string): void {
    const of = this.#of(piece);
    if (of.last) of.take = Math.max(of.take, of.last.take, of.before?.take ?? 0) + 1;
  }

  takes(pieces: readonly string[]): Record<string, number> {
    return Object.fromEntries(pieces.map((piece) => [piece, this.#of(piece).take]));
  }

  begin(pieces: readonly string[]): void {
    for (const piece of pieces) Object.assign(this.#of(piece), { state: 'waiting', asking: null });
  }

  /** A call was sent. A retry discards what was streamed before. */
  asking(piece: string, seed: number, messages: readonly ChatMessage[]): void {
    Object.assign(this.#of(piece), {
      state: 'asking',
      asking: { seed, messages: [...messages], text: '', reasoning: '' },
    });
  }

  part(piece: string, text: string, reasoning: string): void {
    const { asking } = this.#of(piece);
    if (!asking) return;
    asking.text += text;
    asking.reasoning += reasoning;
  }

  /** A repeated call does not replace the run before. */
  done(tried: TriedPiece): void {
    const of = this.#of(tried.piece);
    if (of.last && of.last.key !== tried.key) of.before = of.last;
    Object.assign(of, { last: tried, state: 'idle', asking: null });
  }

  /** No piece is in progress any more. */
  finish(): void {
    for (const of of this.#pieces.values()) Object.assign(of, { state: 'idle', asking: null });
  }

  view(piece: string, prompt: string, hash: string | null): WorkbenchPiece {
    const { state, asking, last, before } = this.#of(piece);
    const current = new Set([...this.#pieces.values()].flatMap((of) => (of.last ? [of.last.key] : [])));
    return {
      piece,
      prompt,
      promptHash: hash,
      state,
      last,
      before,
      asking: asking && { ...asking },
      changed: last !== null && last.promptHash !== '' && last.promptHash !== hash,
      stale: last?.parents.some((key) => !current.has(key)) ?? false,
    };
  }

  #of(piece: string): OfPiece {
    const of = this.#pieces.get(piece) ?? { state: 'idle', asking: null, last: null, before: null, take: 0 };
    this.#pieces.set(piece, of);
    return of;
  }
}
