interface Part {
  text: string;
  reasoning: string;
}

/** Milliseconds between messages; a message per token would be a hundred times as many. */
const EVERY_MS = 100;

/** Collects streamed parts and sends them about ten times per second. */
export class PartSender {
  readonly #send: (part: Part) => void;
  #waiting: Part = { text: '', reasoning: '' };
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (part: Part) => void) {
    this.#send = send;
  }

  add({ text, reasoning }: Part): void {
    if (text === '' && reasoning === '') return;
    this.#waiting.text += text;
    this.#waiting.reasoning += reasoning;
    this.#timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  /** Sends the rest. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const part = this.#waiting;
    if (part.text === '' && part.reasoning === '') return;
    this.#waiting = { text: '', reasoning: '' };
    this.#send(part);
  }
}
