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
    const chosen = { index: -1 };
    const chips = REJECT_REASONS.map((reason, index) => {
      const chip = document.createElement('button');
      chip.type = 'button';
      chip.className = 'reason';
      chip.setAttribute('role', 'radio');
      const key = document.createElement('kbd');
      key.append(String(index + 1));
      chip.append(key, reason);
      chip.addEventListener('click', () => choose(index));
      return chip;
    });
    const choose = (index: number): void => {
      chosen.index = chosen.index === index ? -1 : index;
      chips.forEach((chip, place) => {
        chip.setAttribute('aria-checked', String(place === chosen.index));
      });
      chips[index]?.focus();
    };
    choose(-1);
    const done = (): void => {
      const written = field.value().trim();
      const picked = REJECT_REASONS[chosen.index];
      this.close();
      confirm(
        [picked, written === '' ? undefined : written].filter((part) => part !== undefined).join('; ') || undefined,
      );
    };
    const group = document.createElement('div');
    group.className = 'reasons';
    group.setAttribute('role', 'radiogroup');
    group.setAttribute('aria-label', 'Reason of the rejection');
    group.append(...chips);
    const onKey = (event: KeyboardEvent): void => {
      const digit = isTyping(event) ? Number.NaN : Number.parseInt(event.key, 10);
      if (digit >= 1 && digit <= REJECT_REASONS.length) choose(digit - 1);
      else if (event.key === 'Enter') done();
      else return;
      event.preventDefault();
    };
    this.#show('Reject because', [group, field.element], 'Reject', done, onKey);
    chips[0]?.focus();
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
