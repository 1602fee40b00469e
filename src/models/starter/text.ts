/** Turns the tokens of a reply into text that may be sent, and finds where a stop text ends it. */
export class ReplyText {
  readonly #decode: (tokens: readonly number[], before: readonly number[]) => string;
  readonly #stops: readonly string[];
  /** Tokens that end in the middle of a character. */
  #pending: number[] = [];
  #before: readonly number[] = [];
  /** Text that may turn out to be the beginning of a stop text. */
  #held = '';
  #stopped = false;

  constructor(decode: (tokens: readonly number[], before: readonly number[]) => string, stops: readonly string[] = []) {
    this.#decode = decode;
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** A stop text was found: the reply is over. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** @returns what can be sent now. */
  push(token: number): string {
    this.#pending.push(token);
    const text = this.#decode(this.#pending, this.#before);
    // A character is at most four bytes, hence four tokens; what then is still no character is none.
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

/** The length of the longest end of `text` that is a beginning of `stop`. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
