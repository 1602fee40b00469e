import { type Outcome, OverrideOutcome } from '../../src/core/model/index.ts';
import { button, isTyping, type TextControl, textArea, textField } from '../ui/toolkit.ts';

/** Reasons that come up again and again; a digit chooses one. */
const REJECT_REASONS = [
  'mathematically wrong',
  'wrong or missing final answer',
  'right answer by luck',
  'incoherent or repetitive',
  'leaks or assumes the answer',
  'problem or gold is wrong',
] as const;

/** The strip above the footer in which one thing at a time is asked. */
export class AskBar {
  readonly element: HTMLElement;
  readonly #restore: () => void;

  /** `restore` gives the focus back to the text. */
  constructor(element: HTMLElement, restore: () => void) {
    this.element = element;
    this.#restore = restore;
    element.hidden = true;
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  close(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.#restore();
  }

  /** Asks why; a digit chooses, Enter confirms, Esc leaves. The reason is undefined when none was given. */
  askReason(confirm: (reason: string | undefined) => void): void {
    const field = textField('Another reason', 'another reason…');
    const choices = new Choices('Reason of the rejection', REJECT_REASONS);
    const done = (): void => {
      const written = field.value().trim();
      this.close();
      const parts = [choices.chosen, written === '' ? undefined : written];
      confirm(parts.filter((part) => part !== undefined).join('; ') || undefined);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (!choices.key(event)) {
        if (event.key !== 'Enter') return;
        done();
      }
      event.preventDefault();
    };
    this.#show('Reject because', [choices.element, field.element], 'Reject', done, onKey);
    choices.focus();
  }

  /** Asks what is true of the final answer, and why; `standing` is what is said of it now. Both must be given. */
  askOverride(standing: Outcome, confirm: (outcome: OverrideOutcome, reason: string) => void): void {
    const field = textField('Reason, which is needed', 'because…');
    const outcomes = OverrideOutcome.options.filter((outcome) => outcome !== standing);
    const choices = new Choices('What is true of the answer', outcomes, () => field.native()?.focus());
    const hint = document.createElement('span');
    hint.className = 'dim';
    hint.setAttribute('role', 'status');
    const done = (): void => {
      const outcome = outcomes.find((each) => each === choices.chosen);
      const reason = field.value().trim();
      if (outcome === undefined) {
        hint.replaceChildren('Choose what is true.');
        choices.focus();
      } else if (reason === '') {
        hint.replaceChildren('Say why, in a few words.');
        field.native()?.focus();
      } else {
        this.close();
        confirm(outcome, reason);
      }
    };
    const onKey = (event: KeyboardEvent): void => {
      if (!choices.key(event)) {
        if (event.key !== 'Enter') return;
        done();
      }
      event.preventDefault();
    };
    this.#show('The answer is', [choices.element, field.element, hint], 'Overrule', done, onKey);
    choices.focus();
  }

  /** Asks for a note; Enter saves, Shift+Enter begins a line, Esc leaves. An empty note takes the note away. */
  askNote(current: string, save: (text: string) => void): void {
    const area: TextControl = textArea('Note', current);
    const done = (): void => {
      const text = area.value().trim();
      this.close();
      save(text);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || event.shiftKey) return;
      event.preventDefault();
      done();
    };
    this.#show('Note', [area.element], 'Save', done, onKey);
    area.native()?.focus();
  }

  #show(title: string, parts: Node[], verb: string, done: () => void, onKey: (event: KeyboardEvent) => void): void {
    const form = document.createElement('div');
    form.className = 'ask';
    form.setAttribute('role', 'group');
    form.setAttribute('aria-label', title);
    const name = document.createElement('strong');
    name.append(title);
    form.append(
      name,
      ...parts,
      button(verb, 'primary', done),
      button('Cancel', 'secondary', () => this.close()),
    );
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
      // A key that means something here means nothing to the reader.
      else if (!(event.target instanceof HTMLElement && event.target.matches('vscode-button'))) onKey(event);
      event.stopPropagation();
    });
    this.element.replaceChildren(form);
    this.element.hidden = false;
  }
}

/** A row of chips of which one can be chosen, by a click or its digit. */
class Choices {
  readonly element = document.createElement('div');
  readonly #names: readonly string[];
  readonly #chips: HTMLElement[];
  readonly #onChoice: () => void;
  #index = -1;

  constructor(title: string, names: readonly string[], onChoice: () => void = () => undefined) {
    this.#names = names;
    this.#onChoice = onChoice;
    this.#chips = names.map((name, index) => this.#chip(name, index));
    this.element.className = 'reasons';
    this.element.setAttribute('role', 'radiogroup');
    this.element.setAttribute('aria-label', title);
    this.element.append(...this.#chips);
    this.#mark();
  }

  get chosen(): string | undefined {
    return this.#names[this.#index];
  }

  focus(): void {
    this.#chips[Math.max(0, this.#index)]?.focus();
  }

  /** Takes a digit that was not typed into a text; true when it chose something. */
  key(event: KeyboardEvent): boolean {
    const digit = isTyping(event) ? Number.NaN : Number.parseInt(event.key, 10);
    if (!(digit >= 1 && digit <= this.#names.length)) return false;
    this.#choose(digit - 1);
    return true;
  }

  #chip(name: string, index: number): HTMLElement {
    const chip = document.createElement('button');
    chip.type = 'button';
    chip.className = 'reason';
    chip.setAttribute('role', 'radio');
    const key = document.createElement('kbd');
    key.append(String(index + 1));
    chip.append(key, name);
    chip.addEventListener('click', () => this.#choose(index));
    return chip;
  }

  /** Chooses, or takes the same choice back. */
  #choose(index: number): void {
    this.#index = this.#index === index ? -1 : index;
    this.#mark();
    this.#chips[index]?.focus();
    if (this.#index >= 0) this.#onChoice();
  }

  #mark(): void {
    this.#chips.forEach((chip, place) => {
      chip.setAttribute('aria-checked', String(place === this.#index));
    });
  }
}
