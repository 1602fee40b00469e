import { joinReasoning, type Parted, type ReasoningFrom } from './reasoning.ts';

/** One reply as it grows. */
export class Choice {
  finish: string | undefined;
  /** Where the server counted them for this one alone. */
  tokens: number | undefined;
  #content = '';
  #reasoning = '';
  #field: ReasoningFrom | undefined;

  add(text: string, reasoning: string, from: ReasoningFrom | undefined): void {
    this.#field ??= from;
    this.#reasoning += reasoning;
    this.#content += text;
  }

  get characters(): number {
    return this.#content.length + this.#reasoning.length;
  }

  parted(): Parted {
    return joinReasoning(this.#content, this.#reasoning);
  }

  get reasoningFrom(): ReasoningFrom | undefined {
    return this.#field ?? (this.parted().reasoning === undefined ? undefined : 'think');
  }
}
