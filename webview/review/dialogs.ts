import { html, type TemplateResult } from 'lit';
import { formatVerdict, sampleOutcome } from '../../src/core/schemas/index.ts';
import { plural } from '../../src/core/text/format.ts';
import { REVIEW_KEYS } from '../../src/protocol/keys.ts';
import type { Sample } from '../../src/protocol/review.ts';
import type { Slices } from '../rendering/slices.ts';
import { TraceView } from '../rendering/trace.ts';
import { roundTitle } from '../ui/format.ts';
import { keySheet, Modal } from '../ui/modal.ts';
import { actionFor } from './keys.ts';

/** The keyboard sheet. */
export class KeySheet {
  readonly #modal: Modal;

  constructor(parent: HTMLElement) {
    this.#modal = new Modal(parent, 'sheet');
    this.#modal.element.addEventListener('keydown', (event) => {
      if (actionFor(event) !== 'help') return;
      // Otherwise the reader opens the sheet again.
      event.preventDefault();
      this.#modal.element.close();
    });
  }

  open(): void {
    this.#modal.open(html`
      ${keySheet(REVIEW_KEYS)}
      <p class="dim">Reject: a digit chooses the reason, Enter confirms. Edit: Ctrl+Enter saves, Esc leaves the draft for later.</p>
    `);
  }
}

/** The other samples of the problem: a list, and the text of the selected one. */
export class Comparison {
  readonly #modal: Modal;
  readonly #slices: Slices;
  readonly #jump: (chainId: string) => void;
  #samples: readonly Sample[] = [];
  #chosen = 0;
  #problemId = '';
  #preview: TraceView | undefined;
  #stop: () => void = () => undefined;

  constructor(parent: HTMLElement, slices: Slices, jump: (chainId: string) => void) {
    this.#modal = new Modal(parent, 'comparison');
    this.#slices = slices;
    this.#jump = jump;
    this.#modal.element.addEventListener('keydown', (event) => this.#key(event));
    this.#modal.element.addEventListener('close', () => this.#stop());
  }

  open(problemId: string, samples: readonly Sample[]): void {
    this.#samples = samples;
    this.#choose(0, problemId);
  }

  #key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      this.#choose(Math.min(this.#samples.length - 1, Math.max(0, this.#chosen + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#open(this.#chosen);
    } else if (actionFor(event) === 'compare') {
      event.preventDefault();
      this.#modal.element.close();
    }
  }

  #open(index: number): void {
    const sample = this.#samples[index];
    this.#modal.element.close();
    if (sample !== undefined) this.#jump(sample.chainId);
  }

  #choose(index: number, problemId = this.#problemId): void {
    this.#problemId = problemId;
    this.#chosen = index;
    const sample = this.#samples[index];
    if (sample === undefined) return;
    this.#stop();
    const { text } = sample;
    const whole = { piece: 'trace' as const, start: 0, end: text.length, train: true };
    const preview = new TraceView({ text, segments: [whole], spans: [], candidates: [], own: [] });
    this.#preview = preview;
    preview.onWork = () => this.#slices.wake();
    this.#stop = this.#slices.add(1, () => preview.work(false));
    this.#modal.open(this.#view());
  }

  #view(): TemplateResult {
    const { length } = this.#samples;
    return html`
      <h2>${plural(length, 'other sample')} of ${this.#problemId}</h2>
      <div class="pair">
        <ul role="listbox" aria-label="Samples" tabindex="0" autofocus>
          ${this.#samples.map(
            (sample, index) => html`<li
              role="option"
              aria-selected=${index === this.#chosen}
              @click=${() => this.#choose(index)}
              @dblclick=${() => this.#open(index)}
            >
              <span class="outcome-${sampleOutcome(sample.outcome, sample.ended)}">${answerText(sample)}</span>
              <span class="dim">
                ${[sample.class, plural(sample.tokens, 'token'), roundTitle(sample.round)].filter(Boolean).join(' · ')}
                · ${sample.decision}
              </span>
            </li>`,
          )}
        </ul>
        <div class="preview" tabindex="0" aria-label="Text of the sample">${this.#preview?.element}</div>
      </div>
      <p class="dim"><kbd>↑</kbd> <kbd>↓</kbd> choose · <kbd>Enter</kbd> opens it in the reader · <kbd>Esc</kbd> closes</p>
    `;
  }
}

/** `12 · incorrect`, `truncated, no final answer`. */
function answerText({ answer, outcome, ended }: Sample): string {
  const verdict = formatVerdict({ outcome, extracted: answer }, ended);
  if (answer === undefined) return ended === 'answered' ? `no answer · ${verdict}` : verdict;
  return `${answer} · ${verdict}`;
}
