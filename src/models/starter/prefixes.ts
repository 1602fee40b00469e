import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LlamaSequence, Token } from './llama.ts';

interface Saved {
  tokens: readonly Token[];
  file: string;
  bytes: number;
  usedAt: number;
}

/** Evaluating fewer tokens is about as fast as loading a state. */
export const WORTH_SAVING = 96;
const MOST_STATES = 8;
const MOST_BYTES = 256e6;

/**
 * Evaluated prompts as files. The calls of a round share long beginnings (instructions and worked examples), and a free sequence rarely holds
 * the right one. Evaluating 400 prompt tokens takes 2.8 s on one thread; loading their state (9 MB) takes 5 ms.
 */
export class PrefixStore {
  readonly #folder: string;
  #saved: Saved[] = [];
  #made = 0;

  /** @param folder created on first use and removed by `dispose`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How many first tokens of a prompt the best state has. */
  longest(tokens: readonly Token[]): number {
    return Math.max(0, ...this.#saved.map((one) => common(one.tokens, tokens)));
  }

  /** Loads the best state for a prompt into a slot, which may then hold more tokens than match the prompt. */
  async load(slot: { sequence: LlamaSequence; prompted: number }, tokens: readonly Token[]): Promise<void> {
    const [best] = this.#saved
      .map((saved) => ({ saved, fits: common(saved.tokens, tokens) }))
      .sort((a, b) => b.fits - a.fits);
    if (!best) return;
    const { saved } = best;
    saved.usedAt = ++this.#made;
    // Temporary files may be deleted at any time.
    if ((await stat(saved.file).catch(() => undefined)) === undefined) {
      this.#saved = this.#saved.filter((one) => one !== saved);
      return;
    }
    slot.prompted = 0;
    await slot.sequence.loadStateFromFile(saved.file, { acceptRisk: true });
    slot.prompted = saved.tokens.length;
  }

  /** Saves the state of a sequence that holds exactly `tokens`, and deletes the least recently used. */
  async save(sequence: LlamaSequence, tokens: readonly Token[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const usedAt = ++this.#made;
    const file = join(this.#folder, `${usedAt}.state`);
    const { fileSize } = await sequence.saveStateToFile(file);
    this.#saved.push({ tokens: [...tokens], file, bytes: fileSize, usedAt });
    while (this.#saved.length > MOST_STATES || this.#bytes() > MOST_BYTES) {
      this.#saved.sort((a, b) => a.usedAt - b.usedAt);
      const oldest = this.#saved.shift();
      if (!oldest) return;
      await rm(oldest.file, { force: true });
    }
  }

  async dispose(): Promise<void> {
    this.#saved = [];
    await rm(this.#folder, { recursive: true, force: true });
  }

  #bytes(): number {
    return this.#saved.reduce((sum, one) => sum + one.bytes, 0);
  }
}

function common(a: readonly Token[], b: readonly Token[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}
