import { html, nothing, type TemplateResult } from 'lit';
import { VERDICT_FILTERS } from '../../../src/core/export/warnings.ts';
import type { Place } from '../../../src/core/review/index.ts';
import type { FilterResult } from '../../../src/core/schemas/index.ts';
import { formatCount } from '../../../src/core/text/format.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { measured, short } from '../../ui/format.ts';
import { row } from '../../ui/rows.ts';
import { keyOf } from '../keys.ts';
import { GRADING } from './verdict.ts';

/** Passed filters with a number that are shown before Show all. */
const SHOWN = 3;
/** Listed places of one filter; the key walks over all. */
const LISTED = 3;
/** Code units of a place that are shown. */
const EXCERPT = 60;

interface FilterActs {
  allFilters: boolean;
  toggleFilters(): void;
  go(place: Place): void;
}

type Filtered = Pick<ReviewItem, 'chain' | 'state' | 'quotaDropped' | 'isGrading'>;

/** Filters that the chain did not pass; without filters that repeat a verdict that a reviewer overruled to correct. */
function rejecting({ chain, state }: Filtered): FilterResult[] {
  const isRight = state.override?.outcome === 'correct';
  return chain.filters.filter(({ id, passed }) => !passed && !(isRight && VERDICT_FILTERS.has(id)));
}

const FILTERED_OUT = {
  quota:
    'It passed all filters. The quota of its round balances right and wrong first answers, and other chains were selected.',
  selection:
    'It passed all filters. Only a few correct responses per problem are kept: those of middle length, no two with the same equations.',
} as const;

/** What filtered out a chain that passed all filters. */
const filteredOutBy = ({ chain }: Pick<Filtered, 'chain'>): keyof typeof FILTERED_OUT =>
  chain.origin === 'sampled' ? 'selection' : 'quota';

/** The results of the filters: why the chain was filtered out, and on demand all values. */
export function filtersView(item: Filtered, acts: FilterActs): TemplateResult {
  const { filters } = item.chain;
  const failed = rejecting(item);
  const overruled = filters.filter((filter) => !filter.passed && !failed.includes(filter));
  const passed = filters.filter((filter) => filter.passed);
  const telling = passed.filter(({ value }) => typeof value === 'number').slice(0, SHOWN);
  const shown = acts.allFilters ? passed : telling;
  const isFilteredOut = failed.length > 0 || item.quotaDropped === true;
  return html`<section class="filters">
    <h2 id="filters" tabindex="-1">${isFilteredOut ? html`Why was this filtered out? <kbd aria-hidden="true">${keyOf('whyDropped')}</kbd>` : 'Filters'}</h2>
    ${item.state.edited && filters.length > 0 ? html`<p class="dim filter-reason">Of the text before your edit.</p>` : nothing}
    ${failed.map(
      (filter) => html`${row(filter.id, limits(filter), { look: 'failed' })}
        ${filter.reason === undefined ? nothing : html`<p class="dim filter-reason">${filter.reason}</p>`}
        ${item.state.edited ? nothing : placesView(filter, item.state.text, acts)}`,
    )}
    ${
      failed.length === 0 && item.quotaDropped === true
        ? html`${row(filteredOutBy(item), 'filtered out', { look: 'failed' })}
            <p class="dim filter-reason">${FILTERED_OUT[filteredOutBy(item)]}</p>`
        : nothing
    }
    ${overruled.map(({ id }) => row(id, 'overruled'))}
    <div class="row">
      <span>${filters.length === 0 ? (item.isGrading === true ? GRADING : 'not run') : `${formatCount(passed.length)} of ${formatCount(filters.length)} passed`}</span>
      ${passed.length > telling.length ? html`<button type="button" class="link" aria-expanded=${acts.allFilters} @click=${acts.toggleFilters}>${acts.allFilters ? 'Show fewer' : 'Show all'}</button>` : nothing}
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
    ${more > 0 ? html`<span class="dim">and ${formatCount(more)} more (key ${keyOf('whyDropped')})</span>` : nothing}
  </p>`;
}

function excerpt(text: string, { start, end }: Place): string {
  const shown = text
    .slice(start, Math.min(end, start + EXCERPT))
    .replace(/\s+/g, ' ')
    .trim();
  return end - start > EXCERPT ? `${shown}…` : shown;
}

function limits({ value, threshold, passed }: FilterResult): string {
  if (typeof value === 'boolean') return passed ? 'passed' : 'failed';
  if (typeof value === 'string' && typeof threshold === 'string')
    return `${short(value)} (must be ${short(threshold)})`;
  const limit = threshold === null ? '' : ` · limit ${short(measured(threshold))}`;
  return `${short(measured(value))}${limit}`;
}

/** A reason why the chain was filtered out, with its place in the text if any. */
export interface Reason {
  text: string;
  place: Place | undefined;
}

/** Why the chain was filtered out, by filter and place; empty if it was not. */
export function reasonsOf(item: Filtered): Reason[] {
  const reasons = rejecting(item).flatMap(({ id, reason = 'did not pass', at = [] }): Reason[] => {
    // After an edit, places are those of another text.
    if (at.length === 0 || item.state.edited) return [{ text: `${id}: ${reason}`, place: undefined }];
    return at.map((place, i) => {
      const which = at.length === 1 ? '' : ` (place ${formatCount(i + 1)} of ${formatCount(at.length)})`;
      return { text: `${id}${which}: ${reason}`, place };
    });
  });
  if (reasons.length > 0 || item.quotaDropped !== true) return reasons;
  const by = filteredOutBy(item);
  return [{ text: `${by}: ${FILTERED_OUT[by]}`, place: undefined }];
}
