import { html, nothing, type TemplateResult } from 'lit';
import type { Behaviour } from '../../../src/core/schemas/index.ts';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { Disagreement, ReviewItem } from '../../../src/protocol/review.ts';
import { keyOf } from '../keys.ts';

/** Sentences that are listed, at most. */
const LISTED = 60;

/** The announcement of each disagreement: its number and both labels. */
export function describeDisagreements(disagreements: readonly Disagreement[]): string[] {
  return disagreements.map(
    ({ judge, classifier }, index) =>
      `${formatCount(index + 1)} of ${formatCount(disagreements.length)}: judge: ${kinds(judge)}, classifier: ${kinds(classifier)}`,
  );
}

/** Why a chain has no disagreements. */
export function noDisagreements({ disagreements, state }: Pick<ReviewItem, 'disagreements' | 'state'>): string {
  if (disagreements !== undefined) return 'Judge and classifier agree on every sentence of this chain.';
  return state.edited ? 'The text was edited, so no judgement applies to it.' : 'This chain is not judged yet.';
}

/** The number of disagreements in one line. */
export function disagreementLine(count: number): string {
  if (count === 0) return 'Judge and classifier agree on every sentence';
  return `Judge and classifier disagree on ${plural(count, 'sentence')}`;
}

/** A line that expands to the sentences, with links to their places; nothing if the text is not judged. */
export function disagreementsView(
  { disagreements, state }: Pick<ReviewItem, 'disagreements' | 'state'>,
  go: (index: number) => void,
): TemplateResult | typeof nothing {
  if (disagreements === undefined) return nothing;
  const line = disagreementLine(disagreements.length);
  if (disagreements.length === 0) return html`<p class="dim">${line}</p>`;
  const more = disagreements.length - LISTED;
  return html`<details class="disagreements">
    <summary class="dim">${line}</summary>
    <div class="how">
      ${disagreements.slice(0, LISTED).map(
        ({ start, end, judge, classifier }, index) => html`
          <button type="button" class="link sentence" @click=${() => go(index)}>${state.text.slice(start, end)}</button>
          <p class="dim">judge: ${kinds(judge)} · classifier: ${kinds(classifier)}</p>`,
      )}
      ${more > 0 ? html`<p class="dim">and ${formatCount(more)} more (key ${keyOf('nextDisagreement')})</p>` : nothing}
    </div>
  </details>`;
}

const kinds = (labels: readonly Behaviour[]): string => (labels.length === 0 ? 'none' : labels.join(' and '));
