import { html, nothing, type TemplateResult } from 'lit';
import { CLASS_NAMES } from '../../src/core/schemas/index.ts';
import { formatCount } from '../../src/core/text/format.ts';
import type { TriedEnd } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { measured } from '../ui/format.ts';
import type { Texts } from './texts.ts';

/** The chain as a round would assemble it: its trained text and its filters. */
export function endView({ class: kind, chain, notes }: TriedEnd, texts: Texts): TemplateResult {
  return html`<section class="card end" tabindex="-1" aria-label="Chain" data-piece="chain">
    <header>
      <h2>Chain</h2>
      ${kind === null ? html`<span class="dim">class unknown</span>` : html`<span class="class-${kind}">${kind}</span> <span class="dim">${CLASS_NAMES[kind]}</span>`}
      <span class="grow"></span>
      ${chain === null ? nothing : html`<span class=${chain.passed ? 'outcome-correct' : 'outcome-incorrect'}>${chain.passed ? 'all filters passed' : 'filtered out'}</span>`}
    </header>
    ${notes.map((note) => html`<p>${note}</p>`)}
    ${chain === null ? nothing : html`${filtersView(chain.filters)} ${segmentsView(chain, texts)}`}
  </section>`;
}

function filtersView(filters: NonNullable<TriedEnd['chain']>['filters']): TemplateResult {
  const failed = filters.filter(({ passed }) => !passed);
  return html`
    ${failed.map(({ id, reason, value, threshold }) => {
      const limit =
        typeof value !== 'number' || threshold === null ? '' : ` (${measured(value)}, limit ${measured(threshold)})`;
      return html`<p class="filter"><span class="outcome-incorrect">✕ ${id}</span> ${reason ?? 'did not pass'}<span class="dim">${limit}</span></p>`;
    })}
    <details>
      <summary>Filters <span class="dim">· ${formatCount(filters.length - failed.length)} of ${formatCount(filters.length)} passed</span></summary>
      <ul class="filters">
        ${filters.map(({ id, passed, value, threshold }) => html`<li class=${passed ? '' : 'outcome-incorrect'}>${passed ? '✓' : '✕'} ${id} <span class="dim">${typeof value === 'boolean' ? '' : measured(value)}${threshold === null || typeof threshold === 'boolean' ? '' : ` · limit ${measured(threshold)}`}</span></li>`)}
      </ul>
    </details>
  `;
}

function segmentsView({ text, segments }: NonNullable<TriedEnd['chain']>, texts: Texts): TemplateResult[] {
  return segments.map(
    ({ piece, start, end, train }, i) => html`<section class="piece ${train ? '' : 'untrained'}">
      <h3>${pieceTitle(piece)} <span class="mask">${train ? 'trained' : 'not trained'}</span></h3>
      ${texts.at(`chain ${i}`, text.slice(start, end))}
    </section>`,
  );
}
