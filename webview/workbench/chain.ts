import { html, nothing, type TemplateResult } from 'lit';
import type { TriedEnd } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { CLASS_WORDS, measured } from '../review/words.ts';
import type { Texts } from './texts.ts';

/** What the pieces come to: the chain as a round would assemble it, what is trained of it, and the filters' words. */
export function endView({ class: kind, chain, notes }: TriedEnd, texts: Texts): TemplateResult {
  return html`<section class="card end" tabindex="-1" aria-label="Chain" data-piece="chain">
    <header>
      <h2>Chain</h2>
      ${kind === null ? html`<span class="dim">class not known</span>` : html`<span class="class-${kind}">${kind}</span> <span class="dim">${CLASS_WORDS[kind]}</span>`}
      <span class="grow"></span>
      ${chain === null ? nothing : html`<span class=${chain.passed ? 'outcome-correct' : 'outcome-incorrect'}>${chain.passed ? 'all filters passed' : 'rejected by filters'}</span>`}
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
      <summary>Filters <span class="dim">· ${filters.length - failed.length} of ${filters.length} passed</span></summary>
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
