import { html, nothing, svg, type TemplateResult } from 'lit';
import { decimal, estimateText, isWide, LEARNING_TEXT } from '../../src/core/review/calibration/format.ts';
import type { CalibrationReport, KindScore, SourceScore } from '../../src/core/review/calibration/index.ts';
import { BEHAVIOURS } from '../../src/core/schemas/index.ts';
import { formatCount, plural } from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';

/** The result page: a table with explanations for each source of marks, and the agreement of reviewers. */
export function resultView(report: CalibrationReport): TemplateResult {
  const { labelled, sentences, skipped, reviewer, agreement, detectors, purpose } = report;
  const open = sentences - labelled - skipped;
  return html`<article class="result">
    <h1 tabindex="-1">${purpose === 'learning' ? 'Labels that teach the classifier' : 'How often the marks are right'}</h1>
    <p class="dim">
      ${formatCount(labelled)} of ${plural(sentences, 'sentence')} labelled by ${reviewer}${skipped > 0 ? `, ${formatCount(skipped)} skipped` : ''}${open > 0 ? `, ${formatCount(open)} still open` : ''}.
      ${purpose === 'learning' ? LEARNING_TEXT : 'Bars are 90 % intervals.'}
    </p>
    ${detectors.length === 0 && purpose === undefined ? html`<p>The chains of this calibration have no marks.</p>` : nothing}
    ${detectors.map(sourceView)}
    ${agreement.length === 0 ? nothing : agreementView(agreement)}
  </article>`;
}

function sourceView({ title, kinds }: SourceScore): TemplateResult {
  return html`<section>
    <h2>${title}</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">kind</th><th scope="col">precision</th><th scope="col">recall</th>
          <th scope="col" class="number">F1</th><th scope="col" class="number" title="Agreement with the reviewer beyond chance">κ</th>
          <th scope="col" class="number" title="Labelled sentences marked by both, only by the source, only by the reviewer, or by neither">both · source · reviewer · neither</th>
        </tr>
      </thead>
      <tbody>
        ${kinds.map(
          (score) => html`<tr>
            <th scope="row"><span class="kind ${score.kind}"><span class="stroke"></span>${score.kind}</span></th>
            <td>${estimateView(score.precision)}</td>
            <td>${estimateView(score.recall)}</td>
            <td class="number">${decimal(score.f1)}</td>
            <td class="number">${decimal(score.kappa)}</td>
            <td class="number dim">${countsOf(score)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <ul class="meanings">
      ${kinds.map(({ kind, meaning }) => html`<li><span class="name">${kind}</span><span>${meaning}</span></li>`)}
    </ul>
  </section>`;
}

const countsOf = ({ counts }: KindScore): string =>
  [counts.both, counts.detector, counts.curator, counts.neither].map((count) => formatCount(count)).join(' · ');

function estimateView(estimate: KindScore['precision']): TemplateResult {
  if (estimate === null) return html`<span class="dim">not measured</span>`;
  const { value, low, high } = estimate;
  return html`<span class="estimate ${isWide(estimate) ? 'wide' : ''}">
    <svg class="interval" aria-hidden="true">
      <rect class="bar-track" width="100%" height="8" rx="4"></rect>
      ${svg`<rect class="interval-band" x=${shareLength(low)} width=${shareLength(high - low)} height="8" rx="2"></rect>
        <rect class="interval-mean" x=${shareLength(Math.min(0.985, value))} y="-2" width="2" height="12"></rect>`}
    </svg>
    <span>${estimateText(estimate)}${isWide(estimate) ? html` <em>few cases</em>` : nothing}</span>
  </span>`;
}

function agreementView(agreement: CalibrationReport['agreement']): TemplateResult {
  return html`<section>
    <h2>Between reviewers</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">κ with</th><th scope="col" class="number">sentences</th>
          ${BEHAVIOURS.map((kind) => html`<th scope="col" class="number">${kind}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${agreement.map(
          ({ reviewer, sentences, kappa }) => html`<tr>
            <th scope="row">${reviewer}</th><td class="number">${formatCount(sentences)}</td>
            ${BEHAVIOURS.map((kind) => html`<td class="number">${decimal(kappa[kind])}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
