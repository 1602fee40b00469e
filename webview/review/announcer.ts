/** Shortest time that a notice stays, in milliseconds. */
const SHOWN = { info: 2_500, warning: 4_000, error: 12_000 };
/** Milliseconds to read a letter: a long notice stays longer. */
const LETTER = 60;

type Tone = keyof typeof SHOWN;

/** Says things to eyes and to screen readers: quiet ones in the footer, dead ends and errors above it. */
export class Announcer {
  readonly quiet = document.createElement('span');
  readonly loud = document.createElement('div');
  #quietTimer = 0;
  #loudTimer = 0;

  constructor() {
    this.quiet.className = 'quiet';
    this.quiet.setAttribute('role', 'status');
    this.loud.className = 'toast';
    this.loud.setAttribute('role', 'alert');
  }

  /** `spoken` goes on for screen readers alone: what the eye sees anyway. */
  say(text: string, tone: Tone = 'info', spoken = ''): void {
    if (tone === 'info') {
      window.clearTimeout(this.#quietTimer);
      const rest = document.createElement('span');
      rest.className = 'spoken';
      rest.append(spoken);
      this.#setQuiet(text, rest);
      this.#quietTimer = window.setTimeout(() => this.#setQuiet(''), timeOf(text, tone));
      return;
    }
    window.clearTimeout(this.#loudTimer);
    this.loud.className = `toast ${tone}`;
    this.loud.replaceChildren(text);
    this.#loudTimer = window.setTimeout(() => this.loud.replaceChildren(), timeOf(text, tone));
  }

  /** The title holds all of a message that the footer has no room for. */
  #setQuiet(text: string, ...rest: Node[]): void {
    this.quiet.title = text;
    this.quiet.replaceChildren(...(text === '' ? [] : [text]), ...rest);
  }

  hush(): void {
    window.clearTimeout(this.#loudTimer);
    this.loud.replaceChildren();
  }
}

const timeOf = (text: string, tone: Tone): number => Math.max(SHOWN[tone], LETTER * text.length);
