import { html, nothing, render, svg, type TemplateResult } from 'lit';
import { difficultyPicture } from '../../src/core/sampling/picture.ts';
import type { FromDifficultyPage, ToDifficultyPage } from '../../src/protocol/difficulty-page.ts';

type Problem = ToDifficultyPage['report']['problems'][number];

/** More rows help nobody on a page; the table as a file has them all. */
const ROWS = 300;

/** Shows coverage and difficulty: the picture that can be saved, and the hardest problems with their intervals. */
export function showReport(
  root: HTMLElement,
  { dataset, report }: ToDifficultyPage,
  post: (message: FromDifficultyPage) => void,
): void {
  root.className = 'reader difficulty';
  const { model, role, rounds, covered } = report;
  const problems = [...report.problems].sort((a, b) => a.mean - b.mean || b.attempts - a.attempts);
  const sampled = problems.filter(({ attempts }) => attempts > 0);
  const key = (label: string, message: FromDifficultyPage): TemplateResult =>
    html`<button type="button" class="key-button" @click=${() => post(message)}>${label}</button>`;
  render(
    html`
      <header class="head">
        <strong>Difficulty</strong>
        <span class="round">${dataset}</span>
        <span class="grow"></span>
        <span class="counts">${model.model} · ${role}</span>
      </header>
      <main class="difficulty-body">
        <p class="lead">
          ${
            rounds.length === 0
              ? html`No round has asked this model yet. <span class="dim">Plan a sampling round, or generate chains, to learn how difficult the problems are.</span>`
              : html`<strong>${covered} of ${problems.length}</strong> problems have a correct answer of this model.`
          }
        </p>
        <div class="picture"></div>
        ${sampled.length === 0 ? nothing : table(sampled)}
      </main>
      <footer class="foot">
        ${key('Refresh', { type: 'refresh' })}
        <span class="grow"></span>
        ${key('Save Picture as SVG…', { type: 'save', what: 'svg' })} ${key('Save Problems as CSV…', { type: 'save', what: 'csv' })}
        ${key('Save Rounds as CSV…', { type: 'save', what: 'roundsCsv' })}
      </footer>
    `,
    root,
  );
  const place = root.querySelector('.picture');
  if (place === null) return;
  place.replaceChildren();
  if (rounds.length > 0) place.append(picture(dataset, report));
}

/** The same picture as in the file. Its style needs the nonce of the page. */
function picture(dataset: string, { model, rounds }: ToDifficultyPage['report']): Node {
  const rows = rounds.map(({ round, covered, before, after }) => ({ title: round, covered, before, after }));
  const text = difficultyPicture(`${dataset}: pass rates of ${model.model}`, rows);
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  const nonce = document.querySelector('meta[property="csp-nonce"]')?.getAttribute('content') ?? '';
  for (const style of parsed.querySelectorAll('style')) style.setAttribute('nonce', nonce);
  return document.importNode(parsed, true);
}

function table(problems: readonly Problem[]): TemplateResult {
  const more = problems.length - ROWS;
  return html`<table>
    <caption>The hardest first: pass rate by all rounds, with its 90 % interval</caption>
    <thead><tr>
      <th scope="col">Problem</th><th scope="col">Correct</th><th scope="col">Pass rate</th><th scope="col" colspan="2">Interval</th>
    </tr></thead>
    <tbody>
      ${problems.slice(0, ROWS).map(
        ({ problemId, attempts, successes, ungraded, mean, low, high }) => html`<tr>
          <th scope="row">${problemId}</th>
          <td title=${ungraded === 0 ? nothing : `${ungraded} more could not be graded, or were cut off`}>${successes} of ${attempts}</td>
          <td>${mean.toFixed(2)}</td>
          <td class="range-text">${low.toFixed(2)} – ${high.toFixed(2)}</td>
          <td class="range-bar">${interval(mean, low, high)}</td>
        </tr>`,
      )}
    </tbody>
    ${more > 0 ? html`<tfoot><tr><td colspan="5">${more} more; the CSV has them all.</td></tr></tfoot>` : nothing}
  </table>`;
}

function interval(mean: number, low: number, high: number): TemplateResult {
  const at = (value: number): string => `${(value * 100).toFixed(1)}%`;
  return html`<svg aria-hidden="true">
    ${svg`<line class="track" x1="0" x2="100%" y1="50%" y2="50%"></line>
      <line class="range" x1=${at(low)} x2=${at(high)} y1="50%" y2="50%"></line>
      <circle cx=${at(mean)} cy="50%" r="3.5"></circle>`}
  </svg>`;
}
