/** Decodes the tokens of a reply and ends it at a stop text. */
export class ReplyText {
  readonly #decode: (tokens: readonly number[], before: readonly number[]) => string;
  readonly #stops: readonly string[];
  /** Tokens that end in the middle of a character. */
  #pending: number[] = [];
  #before: readonly number[] = [];
  /** Text that may be the beginning of a stop text. */
  #held = '';
  #stopped = false;

  constructor(decode: (tokens: readonly number[], before: readonly number[]) => string, stops: readonly string[] = []) {
    this.#decode = decode;
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Whether a stop text was found. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @returns the text that can be sent. */
  push(token: number): string {
    this.#pending.push(token);
    const text = this.#decode(this.#pending, this.#before);
    // A character has at most four bytes, so at most four tokens.
    if (text.endsWith('\uFFFD') && this.#pending.length < 4) return '';
    this.#before = this.#pending;
    this.#pending = [];
    return this.#release(text);
  }

  /** @returns the rest, when the reply ended without a stop text. */
  end(): string {
    if (this.#stopped) return '';
    const rest = this.#held + (this.#pending.length > 0 ? this.#decode(this.#pending, this.#before) : '');
    this.#held = '';
    this.#pending = [];
    return rest;
  }

  #release(text: string): string {
    const all = this.#held + text;
    const found = this.#stops.map((stop) => all.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#stopped = true;
      this.#held = '';
      return all.slice(0, Math.min(...found));
    }
    const keep = Math.max(0, ...this.#stops.map((stop) => overlap(all, stop)));
    this.#held = all.slice(all.length - keep);
    return all.slice(0, all.length - keep);
  }
}

/** The length of the longest suffix of `text` that is a prefix of `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
