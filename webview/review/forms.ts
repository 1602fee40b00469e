import { REJECT_REASONS } from '../../src/core/review/reasons.ts';
import { type Outcome, OverrideOutcome, Tag } from '../../src/core/schemas/index.ts';
import { moveFocus } from '../ui/focus.ts';
import { isTyping } from '../ui/keyboard.ts';
import { button, type TextControl, textArea, textField, withKey } from '../ui/toolkit.ts';

/** The bar above the footer that asks one question at a time. */
export class AskBar {
  readonly element: HTMLElement;
  readonly #restore: () => void;

  /** @param restore Focuses the text. */
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

  /** Asks for the reason of a rejection; a digit chooses, Enter confirms, Esc cancels. The reason may be undefined. */
  askReason(confirm: (reason: string | undefined) => void): void {
    const field = textField('Another reason', 'another reason…');
    // A digit chooses one.
    const choices = new Choices('Reason for rejection', REJECT_REASONS);
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

  /** Asks for the reason of an accept, which may be undefined; Enter accepts, Esc cancels. @param current The reason so far. */
  askAccept(title: string, confirm: (reason: string | undefined) => void, current = ''): void {
    const accept = (text: string): void => {
      this.close();
      confirm(text || undefined);
    };
    this.#askLine(title, { current, example: 'reason (optional)', verb: 'Accept' }, statusLine(), accept);
  }

  /** Asks for the true outcome of the final answer and a reason; both are required. @param current The current outcome. */
  askOverride(current: Outcome, confirm: (outcome: OverrideOutcome, reason: string) => void): void {
    const field = textField('Reason (required)', 'because…');
    const outcomes = OverrideOutcome.options.filter((outcome) => outcome !== current);
    const choices = new Choices('Outcome of the answer', outcomes, () => moveFocus(field.native()));
    const hint = statusLine();
    const done = (): void => {
      const outcome = outcomes.find((each) => each === choices.chosen);
      const reason = field.value().trim();
      if (outcome === undefined) {
        hint.replaceChildren('Choose an outcome.');
        choices.focus();
      } else if (reason === '') {
        hint.replaceChildren('Enter a reason.');
        moveFocus(field.native());
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

  /** Asks for a note; Enter saves, Shift+Enter starts a line, Esc cancels. An empty note is removed. */
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
    moveFocus(area.native());
  }

  /** Asks for tags with commas between them; Enter saves, Esc cancels. */
  askTags(current: readonly string[], save: (tags: readonly string[]) => void): void {
    const hint = statusLine();
    this.#askLine('Tags', { current: current.join(', '), example: 'easy, geometry' }, hint, (text) => {
      const tags = [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
      const wrong = tags.flatMap((tag) => Tag.safeParse(tag).error?.issues[0]?.message ?? [])[0];
      if (wrong !== undefined) {
        hint.replaceChildren(`Can’t save: ${wrong}.`);
        return;
      }
      this.close();
      save(tags);
    });
  }

  /** Asks for the name of a reviewer; an empty one removes the assignment. */
  askReviewer(current: string, save: (name: string) => void): void {
    this.#askLine('Assign to', { current, example: 'name of a reviewer' }, statusLine(), (text) => {
      this.close();
      save(text);
    });
  }

  #askLine(
    title: string,
    { current, example, verb = 'Save' }: { current: string; example: string; verb?: string },
    hint: HTMLElement,
    save: (text: string) => void,
  ): void {
    const field = textField(title, example);
    field.set(current);
    const done = (): void => save(field.value().trim());
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      done();
    };
    this.#show(title, [field.element, hint], verb, done, onKey);
    moveFocus(field.native());
  }

  #show(title: string, parts: Node[], verb: string, done: () => void, onKey: (event: KeyboardEvent) => void): void {
    const form = document.createElement('div');
    form.className = 'ask';
    form.setAttribute('role', 'region');
    form.setAttribute('aria-label', title);
    const name = document.createElement('strong');
    name.append(title);
    form.append(
      name,
      ...parts,
      actionRow([
        button(withKey(verb, 'Enter'), 'primary', done),
        button(withKey('Cancel', 'Esc'), 'secondary', () => this.close()),
      ]),
    );
    form.addEventListener('keydown', (event) => {
      // A key that may be meant for a quick input.
      if (event.defaultPrevented) return;
      if (event.key === 'Escape') this.close();
      // The reader must not handle these keys.
      else if (!(event.target instanceof HTMLElement && event.target.matches('vscode-button'))) onKey(event);
      event.stopPropagation();
    });
    this.element.replaceChildren(form);
    this.element.hidden = false;
  }
}

/** Says why a form can't be saved. */
function statusLine(): HTMLElement {
  const hint = document.createElement('span');
  hint.className = 'dim';
  hint.setAttribute('role', 'status');
  return hint;
}

/** On the left, since notifications of VS Code cover the right. */
function actionRow(buttons: readonly HTMLElement[]): HTMLElement {
  const row = document.createElement('div');
  row.className = 'ask-actions';
  row.append(...buttons);
  return row;
}

/** Chips of which one can be chosen by a click or its digit. */
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
    moveFocus(this.#chips[Math.max(0, this.#index)]);
  }

  /** Handles a digit outside of text fields. @returns Whether it chose something. */
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

  /** Chooses, or undoes the same choice. */
  #choose(index: number): void {
    this.#index = this.#index === index ? -1 : index;
    this.#mark();
    moveFocus(this.#chips[index]);
    if (this.#index >= 0) this.#onChoice();
  }

  #mark(): void {
    this.#chips.forEach((chip, place) => {
      chip.setAttribute('aria-checked', String(place === this.#index));
    });
  }
}
