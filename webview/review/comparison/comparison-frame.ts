import { html, nothing, type TemplateResult } from 'lit';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { ReviewAction } from '../../../src/protocol/keys.ts';
import type { Announcer } from '../../ui/announcer.ts';
import { keyOf } from '../keys.ts';
import type { ComparisonState } from './comparison.ts';

/** The head of the page while samples are compared. */
export function comparisonHeader({ problemId, shown, total }: ComparisonState): TemplateResult {
  return html`<div class="head">
    <h1 class="spoken">Compare samples</h1>
    <strong class="problem-id">${problemId}</strong>
    <span class="chip">${formatCount(shown)} of ${plural(total, 'sample')}</span>
    <span class="grow"></span>
    <span class="dim">${keyOf('previous')} ${keyOf('next')} choose a sample · ${keyOf('compare')} opens it in the reader · Esc returns</span>
  </div>`;
}

/** The keys of a comparison as buttons. */
export function comparisonFooter(
  { together, differences }: ComparisonState,
  { quiet, question }: Pick<Announcer, 'quiet' | 'question'>,
  perform: (action: ReviewAction) => void,
): TemplateResult {
  const keyButton = (action: ReviewAction, label: string, look = '', pressed?: boolean): TemplateResult => html`
    <button type="button" class="key-button ${look} ${pressed ? 'pressed' : ''}" aria-pressed=${pressed ?? nothing} @mousedown=${keepFocus} @click=${() => perform(action)}>
      <kbd aria-hidden="true">${keyOf(action)}</kbd><span class="words">${label}</span>
    </button>`;
  return html`
    ${keyButton('accept', 'Accept', 'primary')} ${keyButton('reject', 'Reject…')} ${keyButton('keepSample', 'Keep this one')}
    ${keyButton('undo', 'Undo', 'brief')}
    ${question}
    ${keyButton('scrollTogether', 'Scroll by phase', 'brief', together)} ${keyButton('differences', 'Differences', 'brief', differences)}
    ${keyButton('addSample', 'Add', 'brief')} ${keyButton('removeSample', 'Remove', 'brief')}
    <span class="grow">${quiet}</span>
    <button type="button" class="key-button bare" @click=${() => perform('help')}><kbd aria-hidden="true">${keyOf('help')}</kbd><span class="spoken">Keyboard sheet</span></button>
  `;
}

/** A click leaves the focus in the current sample. */
const keepFocus = (event: Event): void => event.preventDefault();
