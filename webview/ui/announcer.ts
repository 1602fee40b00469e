/** Minimum time that a notice is shown, in milliseconds. */
const SHOWN = { info: 2_500, warning: 4_000, error: 12_000 };
/** Milliseconds per character of a long notice. */
const LETTER = 60;

type Tone = keyof typeof SHOWN;

/** Shows notices, also to screen readers: information in the footer, warnings and errors above it. */
export class Announcer {
  readonly quiet = document.createElement('span');
  readonly loud = document.createElement('div');
  /** A question in the footer, which a key confirms. */
  readonly question = document.createElement('span');
  #footerTimer = 0;
  #loudTimer = 0;

  constructor() {
    this.quiet.className = 'quiet';
    this.quiet.setAttribute('role', 'status');
    this.loud.className = 'toast';
    this.loud.setAttribute('role', 'alert');
    this.question.className = 'question';
    this.question.setAttribute('role', 'alert');
  }

  /** @param spoken Appended for screen readers only. */
  announce(text: string, tone: Tone = 'info', spoken = ''): void {
    if (tone === 'info') {
      window.clearTimeout(this.#footerTimer);
      const rest = document.createElement('span');
      rest.className = 'spoken';
      rest.append(spoken);
      this.#setQuiet(text, rest);
      this.#footerTimer = window.setTimeout(() => this.#setQuiet(''), timeOf(text + spoken, tone));
      return;
    }
    window.clearTimeout(this.#loudTimer);
    this.loud.className = `toast ${tone}`;
    this.loud.replaceChildren(text);
    this.#loudTimer = window.setTimeout(() => this.loud.replaceChildren(), timeOf(text, tone));
  }

  /** The title has the full text, which the footer may truncate. */
  #setQuiet(text: string, ...rest: Node[]): void {
    this.quiet.title = text;
    this.quiet.replaceChildren(...(text === '' ? [] : [text]), ...rest);
  }

  /** Shows a question in the footer; an empty text removes it. */
  ask(text: string): void {
    if (this.question.textContent === text) return;
    this.question.title = text;
    this.question.replaceChildren(...(text === '' ? [] : [text]));
  }

  clear(): void {
    window.clearTimeout(this.#loudTimer);
    this.loud.replaceChildren();
  }
}

const timeOf = (text: string, tone: Tone): number => Math.max(SHOWN[tone], LETTER * text.length);
