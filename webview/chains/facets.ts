import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../src/core/text/format.ts';
import type { ChainsSnapshot, TableFacet } from '../../src/protocol/chains.ts';

/** Values of a facet that are listed before "more". */
const FEW = 8;

export type Choose = (field: string, value: string, how: 'toggle' | 'exclude') => void;

/** The facets with counts; a click adds a value to the query or removes it. */
export function facetsView(
  facets: readonly TableFacet[],
  open: ReadonlySet<string>,
  choose: Choose,
  more: (field: string) => void,
): TemplateResult {
  return html`<nav class="facets" aria-label="Facets">
    ${facets.map(
      ({ field, title, values }) => html`<section aria-labelledby="facet-${field}">
        <h2 id="facet-${field}">${title}</h2>
        <ul>
          ${values
            .filter(({ chosen }, at) => chosen || at < FEW || open.has(field))
            .map(
              ({ value, label, count, chosen }) => html`<li>
                <button type="button" class="facet-value" aria-pressed=${chosen} title=${label} @click=${() => choose(field, value, 'toggle')}>
                  <span class="facet-label">${label}</span><span class="dim">${formatCount(count)}</span>
                </button>
                <button type="button" class="facet-not" aria-label="Exclude ${label}" title="Exclude" @click=${() => choose(field, value, 'exclude')}>≠</button>
              </li>`,
            )}
        </ul>
        ${
          values.length > FEW
            ? html`<button type="button" class="facet-more" aria-expanded=${open.has(field)} @click=${() => more(field)}>
                ${open.has(field) ? 'Fewer' : `${formatCount(values.length - FEW)} more`}
              </button>`
            : nothing
        }
      </section>`,
    )}
  </nav>`;
}

/** The clauses of the query, each with a button that removes it. */
export function chipsView(
  clauses: ChainsSnapshot['clauses'],
  remove: (at: number) => void,
): TemplateResult | typeof nothing {
  if (clauses.length === 0) return nothing;
  return html`<div class="head filter-row" role="group" aria-label="Filters">
    ${clauses.map(
      ({ text, label }, at) => html`<span class="chip filter-chip"
        ><span class="filter-label" title=${text}>${label}</span
        ><button type="button" aria-label="Remove filter ${label}" title="Remove filter" @click=${() => remove(at)}>×</button></span
      >`,
    )}
  </div>`;
}
