import { html, nothing, render, svg, type TemplateResult } from 'lit';
import { byId, kindsText, mostSampled, type UnsolvedKind } from '../../src/core/sampling/buckets.ts';
import { difficultyPicture } from '../../src/core/sampling/picture.ts';
import { formatCount, plural } from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';
import type { FromDifficultyPage, ToDifficultyPage } from '../../src/protocol/difficulty-page.ts';
import { svgNode } from '../ui/svg.ts';

type Problem = ToDifficultyPage['report']['problems'][number];

/** Rows of a section on the page; the CSV has all rows. */
const ROWS = 300;

/** Shows coverage and difficulty: the picture, and the hardest problems with their intervals. */
export function showReport(
  root: HTMLElement,
  { dataset, report }: ToDifficultyPage,
  post: (message: FromDifficultyPage) => void,
): void {
  root.className = 'reader document difficulty';
  const { model, role, rounds, covered } = report;
  const key = (label: string, message: FromDifficultyPage): TemplateResult =>
    html`<button type="button" class="key-button" @click=${() => post(message)}>${label}</button>`;
  render(
    html`
      <header class="head">
        <h1>Difficulty</h1>
        <span class="round">${model.model} (${role}) · ${dataset}</span>
      </header>
      <main class="document-body">
        <p class="lead">
          ${
            rounds.length === 0
              ? html`No round with ${model.model} yet. <span class="dim">Plan a sampling round or generate chains to measure the difficulty of the problems.</span>`
              : html`<strong>${formatCount(covered)} of ${plural(report.problems.length, 'problem')}</strong> solved by ${model.model}:
                  ${kindsText(report.problems)}.`
          }
        </p>
        <div class="picture"></div>
        ${SECTIONS.map((section) => sectionView(section, report.problems))}
      </main>
      <footer class="foot">
        ${key('Refresh', { type: 'refresh' })}
        ${key('Save Picture as SVG…', { type: 'save', what: 'svg' })} ${key('Save Problems as CSV…', { type: 'save', what: 'csv' })}
        ${key('Save Rounds as CSV…', { type: 'save', what: 'roundsCsv' })}
        <span class="grow"></span>
      </footer>
    `,
    root,
  );
  const place = root.querySelector('.picture');
  if (place === null) return;
  place.replaceChildren();
  if (rounds.length > 0) place.append(picture(dataset, report));
}

/** The same picture as in the file. */
function picture(dataset: string, { model, rounds }: ToDifficultyPage['report']): Node {
  const rows = rounds.map(({ round, covered, before, after }) => ({ title: round, covered, before, after }));
  return svgNode(difficultyPicture(`${dataset}: pass rates of ${model.model}`, rows));
}

interface Section {
  kind: UnsolvedKind | undefined;
  title: string;
  note: string;
}

/** The hardest problems first. Problems that were not sampled are not listed. */
const SECTIONS: readonly Section[] = [
  {
    kind: 'never-solved',
    title: 'Never solved',
    note: 'Every graded sample is wrong. The interval shows how high the pass rate may still be.',
  },
  {
    kind: 'only-truncated',
    title: 'Only truncated',
    note: 'The token limit truncated every sample. The difficulty is unknown. Raise the token limit and sample again.',
  },
  {
    kind: 'not-graded',
    title: 'Not graded',
    note: 'No sample could be graded, and not only because of the token limit: replies were blocked, refused, unfinished or empty, or grading failed. The difficulty is unknown. Show the rounds to see the reasons.',
  },
  {
    kind: undefined,
    title: 'Solved',
    note: 'Hardest first.',
  },
];

function hardestSolved(all: readonly Problem[]): Problem[] {
  return all
    .filter((problem) => problem.successes > 0)
    .sort((a, b) => a.mean - b.mean || b.attempts - a.attempts || byId(a, b));
}

function sectionView({ kind, title, note }: Section, all: readonly Problem[]): TemplateResult | typeof nothing {
  const problems = kind === undefined ? hardestSolved(all) : mostSampled(all, kind);
  if (problems.length === 0) return nothing;
  const more = problems.length - ROWS;
  const rated = kind !== 'only-truncated' && kind !== 'not-graded';
  return html`<section>
    <h2>${title} <span class="dim">${plural(problems.length, 'problem')}</span></h2>
    <p class="dim">${note}</p>
    <table>
      <caption class="spoken">${title}</caption>
      <thead><tr>
        <th scope="col">Problem</th><th scope="col">Correct</th><th scope="col">Not graded</th>
        ${rated ? html`<th scope="col">Pass rate</th><th scope="col" colspan="2" class="range-head">90 % interval</th>` : nothing}
      </tr></thead>
      <tbody>
        ${problems.slice(0, ROWS).map((problem) => rowView(problem, rated))}
      </tbody>
      ${more > 0 ? html`<tfoot><tr><td colspan="6">${formatCount(more)} more; the CSV has all of them.</td></tr></tfoot>` : nothing}
    </table>
  </section>`;
}

function rowView(
  { problemId, attempts, successes, ungraded, mean, low, high }: Problem,
  rated: boolean,
): TemplateResult {
  return html`<tr>
    <th scope="row">${problemId}</th>
    <td>${formatCount(successes)} of ${formatCount(attempts)}</td>
    <td>${formatCount(ungraded)}</td>
    ${
      rated
        ? html`<td>${mean.toFixed(2)}</td>
            <td class="range-text">${low.toFixed(2)} – ${high.toFixed(2)}</td>
            <td class="range-bar">${interval(mean, low, high)}</td>`
        : nothing
    }
  </tr>`;
}

function interval(mean: number, low: number, high: number): TemplateResult {
  return html`<svg aria-hidden="true">
    ${svg`<line class="track" x1="0" x2="100%" y1="50%" y2="50%"></line>
      <line class="range" x1=${shareLength(low)} x2=${shareLength(high)} y1="50%" y2="50%"></line>
      <circle cx=${shareLength(mean)} cy="50%" r="3.5"></circle>`}
  </svg>`;
}
