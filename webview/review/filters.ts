import { html, nothing, type TemplateResult } from 'lit';
import { VERDICT_FILTERS } from '../../src/core/export/select.ts';
import type { FilterResult } from '../../src/core/model/index.ts';
import type { Place } from '../../src/core/review/index.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';
import { keyOf } from './keys.ts';
import { row } from './rows.ts';
import { measured, short } from './words.ts';

/** How many passed filters are shown before all are asked for: those with a number say most. */
const SHOWN = 3;
/** Places of one filter that are listed, at most; the key walks over all. */
const LISTED = 3;
/** Code units of a place that are shown. */
const EXCERPT = 60;

interface FilterActs {
  allFilters: boolean;
  toggleFilters(): void;
  go(place: Place): void;
}

type Filtered = Pick<ReviewItem, 'chain' | 'state' | 'quotaDropped'>;

/** Filters that reject the chain; where a person says that the answer is right, what only repeats the verdict stands against it no more. */
function rejecting({ chain, state }: Filtered): FilterResult[] {
  const isRight = state.override?.outcome === 'correct';
  return chain.filters.filter(({ id, passed }) => !passed && !(isRight && VERDICT_FILTERS.has(id)));
}

const LEFT_OUT = {
  quota:
    'It passed all filters. The quota of its round keeps as many right first answers as wrong ones, and others were drawn.',
  selection:
    'It passed all filters. Of the right responses to a problem only a few are kept: those of middle length, no two with the same equations.',
} as const;

/** What left out a chain that passed the filters. */
const leftOutBy = ({ chain }: Pick<Filtered, 'chain'>): keyof typeof LEFT_OUT =>
  chain.origin === 'sampled' ? 'selection' : 'quota';

/** What the filters say: why the chain was dropped, or that it was not, and on demand everything they measured. */
export function filtersView(item: Filtered, acts: FilterActs): TemplateResult {
  const { filters } = item.chain;
  const failed = rejecting(item);
  const overruled = filters.filter((filter) => !filter.passed && !failed.includes(filter));
  const passed = filters.filter((filter) => filter.passed);
  const telling = passed.filter(({ value }) => typeof value === 'number').slice(0, SHOWN);
  const shown = acts.allFilters ? passed : telling;
  const isDropped = failed.length > 0 || item.quotaDropped === true;
  return html`<section class="filters">
    <h2 id="filters" tabindex="-1">${isDropped ? html`Why was this dropped? <kbd aria-hidden="true">${keyOf('whyDropped')}</kbd>` : 'Filters'}</h2>
    ${failed.map(
      (filter) => html`${row(filter.id, limits(filter), { look: 'failed' })}
        ${filter.reason === undefined ? nothing : html`<p class="dim filter-reason">${filter.reason}</p>`}
        ${placesView(filter, item.state.text, acts)}`,
    )}
    ${
      failed.length === 0 && item.quotaDropped === true
        ? html`${row(leftOutBy(item), 'left out', { look: 'failed' })}
            <p class="dim filter-reason">${LEFT_OUT[leftOutBy(item)]}</p>`
        : nothing
    }
    ${overruled.map(({ id }) => row(id, 'overruled'))}
    <div class="row">
      <span>${filters.length === 0 ? 'none has spoken' : `${passed.length} of ${filters.length} passed`}</span>
      ${passed.length > telling.length ? html`<button type="button" class="link" @click=${acts.toggleFilters}>${acts.allFilters ? 'fewer' : 'show'}</button>` : nothing}
    </div>
    ${shown.map((filter) => row(filter.id, limits(filter), { title: filter.reason ?? '' }))}
  </section>`;
}

function placesView({ at = [] }: FilterResult, text: string, { go }: FilterActs): TemplateResult | typeof nothing {
  if (at.length === 0) return nothing;
  const more = at.length - LISTED;
  return html`<p class="filter-reason">
    ${at.slice(0, LISTED).map(
      (
        place,
      ) => html`<button type="button" class="link place" title="Go to this place in the text" @click=${() => go(place)}>
        <code>${excerpt(text, place)}</code>
      </button>`,
    )}
    ${more > 0 ? html`<span class="dim">and ${more} more, by the key ${keyOf('whyDropped')}</span>` : nothing}
  </p>`;
}

function excerpt(text: string, { start, end }: Place): string {
  const words = text
    .slice(start, Math.min(end, start + EXCERPT))
    .replace(/\s+/g, ' ')
    .trim();
  return end - start > EXCERPT ? `${words}…` : words;
}

function limits({ value, threshold, passed }: FilterResult): string {
  if (typeof value === 'boolean') return passed ? 'passed' : 'failed';
  const limit = threshold === null ? '' : ` · limit ${short(measured(threshold))}`;
  return `${short(measured(value))}${limit}`;
}

/** A reason for which the chain was dropped, with its place in the text where it has one. */
export interface Reason {
  words: string;
  place: Place | undefined;
}

/** Why the chain was dropped, filter by filter and place by place; empty for one that was not. */
export function reasonsOf(item: Filtered): Reason[] {
  const reasons = rejecting(item).flatMap(({ id, reason = 'did not pass', at = [] }): Reason[] => {
    if (at.length === 0) return [{ words: `${id}: ${reason}`, place: undefined }];
    return at.map((place, i) => {
      const which = at.length === 1 ? '' : ` (place ${i + 1} of ${at.length})`;
      return { words: `${id}${which}: ${reason}`, place };
    });
  });
  if (reasons.length > 0 || item.quotaDropped !== true) return reasons;
  const by = leftOutBy(item);
  return [{ words: `${by}: ${LEFT_OUT[by]}`, place: undefined }];
}
