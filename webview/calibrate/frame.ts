import { html, nothing, svg, type TemplateResult } from 'lit';
import { BEHAVIOURS } from '../../src/core/schemas/index.ts';
import { formatCount } from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';
import type { CalibrateItem, CalibrateSnapshot } from '../../src/protocol/calibrate.ts';
import type { CalibrateAction } from '../../src/protocol/keys.ts';
import { keyOf } from './keys.ts';

type Perform = (action: CalibrateAction) => void;

export function headerView(snapshot: CalibrateSnapshot): TemplateResult {
  const { calibration, position, total, labelled, skipped, leftOut, report } = snapshot;
  const done = total === 0 ? 0 : Math.min(1, (labelled + skipped) / total);
  return html`
    <h1>Calibrate Classifier</h1>
    <span class="round">${calibration}</span>
    <span class="grow"></span>
    ${leftOut === 0 ? nothing : html`<span class="counts" title="Their chains changed or were deleted after the sentences were drawn">${formatCount(leftOut)} not shown</span>`}
    <span class="counts">${formatCount(labelled)} labelled${skipped === 0 ? '' : ` · ${formatCount(skipped)} skipped`}</span>
    <svg class="bar" aria-hidden="true">
      <rect class="bar-track" width="100%" height="100%" rx="2"></rect>
      ${svg`<rect class="bar-done" width=${shareLength(done)} height="100%" rx="2"></rect>`}
    </svg>
    <span class="position">${report === null ? `${formatCount(position)} of ${formatCount(total)}` : 'result'}</span>
  `;
}

/** Keys as buttons. A click does not take the focus, so that Enter stays the key of the page. */
function keyButton(
  action: CalibrateAction,
  label: unknown,
  perform: Perform,
  { pressed, primary }: { pressed?: boolean; primary?: boolean } = {},
): TemplateResult {
  return html`<button
    type="button"
    class="key-button ${pressed ? 'pressed' : ''} ${primary ? 'primary' : ''}"
    aria-pressed=${pressed ?? nothing}
    @mousedown=${(event: Event) => event.preventDefault()}
    @click=${() => perform(action)}
  ><kbd aria-hidden="true">${keyOf(action)}</kbd>${label}</button>`;
}

export function footerView(snapshot: CalibrateSnapshot, quiet: HTMLElement, perform: Perform): TemplateResult {
  const button = (action: CalibrateAction, label: string) => keyButton(action, label, perform);
  const sheets = html`${button('definitions', 'Definitions')}
    <button type="button" class="key-button bare" @click=${() => perform('help')}><kbd aria-hidden="true">${keyOf('help')}</kbd><span class="spoken">Keyboard sheet</span></button>`;
  if (snapshot.report !== null) {
    return html`${button('back', 'Back to the sentences')} ${button('copyMarkdown', 'Copy as Markdown')}
      ${button('copyCsv', 'Copy as CSV')} ${sheets} <span class="grow">${quiet}</span>`;
  }
  return html`${button('back', 'Back')} ${button('next', 'Next')} ${button('undo', 'Undo')}
    ${button('context', 'More text')} ${button('result', 'Result')} ${sheets} <span class="grow">${quiet}</span>`;
}

/** The choice of kinds for a sentence. */
export function choiceView(label: CalibrateItem['label'], perform: Perform): TemplateResult {
  const kinds = label === null || label === 'skipped' ? [] : label;
  const none = label !== null && label !== 'skipped' && label.length === 0;
  return html`<div class="choice" role="group" aria-label="What the sentence does">
    ${BEHAVIOURS.map((kind) =>
      keyButton(kind, html`<span class="kind ${kind}"><span class="stroke"></span>${kind}</span>`, perform, {
        pressed: kinds.includes(kind),
      }),
    )}
    ${keyButton('none', 'none', perform, { pressed: none })}
    <span class="gap"></span>
    ${keyButton('skip', 'Skip, unsure', perform, { pressed: label === 'skipped' })}
    ${keyButton('confirm', 'Done', perform, { primary: true })}
  </div>`;
}
