import { html, nothing, svg, type TemplateResult } from 'lit';
import { BEHAVIOURS } from '../../src/core/model/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';
import { keyOf, LABEL_ACTIONS } from './keys.ts';
import type { ReaderModel } from './model.ts';
import { CLASS_WORDS, DECISION_WORDS, roundTitle } from './words.ts';

type Perform = (action: ReviewAction) => void;

export function headerView(model: ReaderModel, toggleFacts: () => void): TemplateResult {
  const { item, counts, position, total } = model;
  const { accepted, rejected, skipped, pending } = counts;
  const reviewed = accepted + rejected + skipped;
  const all = reviewed + pending;
  return html`
    <button type="button" class="facts-toggle" @click=${toggleFacts} aria-controls="facts">Facts</button>
    ${
      item === null
        ? nothing
        : html`<strong class="problem-id" title=${item.chain.id}>${item.problem.id}</strong>
          <span class="round">${roundTitle(item.chain.round)}</span>
          <span class="chip">${position === 0 ? 'outside the filter' : `chain ${position} of ${total}`}</span>
          ${classChip(item.chain.class)} ${decisionChip(item.state.decision)}
          ${overruledChip(item)}
          ${item.state.edited ? html`<span class="chip">edited</span>` : nothing}`
    }
    <span class="grow"></span>
    <span class="reviewed">${reviewed} of ${all} reviewed</span>
    ${bar(all === 0 ? 0 : reviewed / all)}
    <span class="counts">${accepted} accepted · ${rejected} rejected · ${skipped} skipped</span>
  `;
}

function classChip(name: keyof typeof CLASS_WORDS | undefined): TemplateResult | typeof nothing {
  return name === undefined
    ? nothing
    : html`<span class="chip class-${name}">${name}<span class="chip-words"> · ${CLASS_WORDS[name]}</span></span>`;
}

function decisionChip(decision: keyof typeof DECISION_WORDS): TemplateResult | typeof nothing {
  return decision === 'pending'
    ? nothing
    : html`<span class="chip decision-${decision}">${DECISION_WORDS[decision]}</span>`;
}

function overruledChip({ chain, state }: ReviewItem): TemplateResult | typeof nothing {
  const outcome = state.override?.outcome;
  return outcome === undefined || outcome === chain.verdict.outcome
    ? nothing
    : html`<span class="chip">overruled<span class="chip-words"> · ${outcome}</span></span>`;
}

function bar(share: number): TemplateResult {
  return html`<svg class="bar" aria-hidden="true">
    <rect class="bar-track" width="100%" height="100%" rx="2"></rect>
    ${svg`<rect class="bar-done" width=${`${(share * 100).toFixed(2)}%`} height="100%" rx="2"></rect>`}
  </svg>`;
}

export function footerView(model: ReaderModel, quiet: HTMLElement, perform: Perform): TemplateResult {
  const none = model.item === null;
  const keyButton = (action: ReviewAction, label: string, look = '') => html`
    <button type="button" class="key-button ${look}" aria-label=${label} ?disabled=${none && action !== 'help'} @click=${() => perform(action)}>
      <kbd aria-hidden="true">${keyOf(action)}</kbd><span class="words">${label}</span>
    </button>`;
  return html`
    ${keyButton('accept', 'Accept', 'primary')} ${keyButton('reject', 'Reject…')} ${keyButton('edit', 'Edit', 'brief')}
    ${keyButton('undo', 'Undo', 'brief')}
    <span class="legend">
      <span class="legend-words">label selection</span>
      ${BEHAVIOURS.map(
        (kind) => html`<button type="button" class="legend-key" ?disabled=${none}
          @mousedown=${(event: Event) => event.preventDefault()}
          @click=${() => perform(LABEL_ACTIONS[kind])}><kbd aria-hidden="true">${keyOf(LABEL_ACTIONS[kind])}</kbd>${kind}</button>`,
      )}
    </span>
    <span class="grow">${quiet}</span>
    ${keyButton('previous', 'Previous', 'brief')} ${keyButton('next', 'Next', 'brief')}
    <button type="button" class="key-button bare" aria-label="Keyboard sheet" @click=${() => perform('help')}><kbd>?</kbd></button>
  `;
}
