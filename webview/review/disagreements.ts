import { html, nothing, type TemplateResult } from 'lit';
import type { Behaviour } from '../../src/core/model/index.ts';
import type { Disagreement, ReviewItem } from '../../src/protocol/review.ts';
import { keyOf } from './keys.ts';

/** Sentences that are listed, at most. */
const LISTED = 60;

/** What each disagreement is called when the walk comes to it: its place, and what either side says. */
export function disagreementWords(disagreements: readonly Disagreement[]): string[] {
  return disagreements.map(
    ({ judge, classifier }, index) =>
      `${index + 1} of ${disagreements.length}: judge says ${kinds(judge)}, detectors say ${kinds(classifier)}`,
  );
}

/** Why the walk over the disagreements of a chain that has none leads nowhere. */
export function noDisagreements({ disagreements, state }: Pick<ReviewItem, 'disagreements' | 'state'>): string {
  if (disagreements !== undefined) return 'Judge and detectors differ on no sentence of this chain.';
  return state.edited ? 'Of an edited text no judge says anything.' : 'No judge has judged this chain.';
}

/** On how many sentences judge and detectors differ, in one line. */
export function disagreementLine(count: number): string {
  if (count === 0) return 'Judge and detectors differ on no sentence';
  return `Judge and detectors differ on ${count === 1 ? '1 sentence' : `${count} sentences`}`;
}

/** A quiet line that opens to the sentences, each a way to its place; nothing where no judge has judged the text. */
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
          <p class="dim">judge: ${kinds(judge)} · detectors: ${kinds(classifier)}</p>`,
      )}
      ${more > 0 ? html`<p class="dim">and ${more} more, by the key ${keyOf('nextDisagreement')}</p>` : nothing}
    </div>
  </details>`;
}

const kinds = (said: readonly Behaviour[]): string => (said.length === 0 ? 'nothing' : said.join(' and '));
