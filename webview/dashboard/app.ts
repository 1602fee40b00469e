import { html, nothing, render, type TemplateResult } from 'lit';
import { agreementText } from '../../src/core/dataset/dashboard/agreement.ts';
import { adviceText, lossText, mainLoss, stageName } from '../../src/core/dataset/funnel/format.ts';
import { lossQuery, stageQuery } from '../../src/core/dataset/funnel/links.ts';
import type { Query } from '../../src/core/query/query.ts';
import { formatCount, formatPercent, plural } from '../../src/core/text/format.ts';
import type { DashboardReport, DashboardRound, Figure, FromDashboard } from '../../src/protocol/dashboard.ts';
import { drawFigure, PAGE, PAPER, svgFile } from './figures.ts';

/** The page with its pictures. The round of the funnel can be chosen; a new report keeps the choice. */
export class DashboardPage {
  readonly #root: HTMLElement;
  readonly #post: (message: FromDashboard) => void;
  #report: DashboardReport | undefined;
  #chosen: string | undefined;

  constructor(root: HTMLElement, post: (message: FromDashboard) => void) {
    this.#root = root;
    this.#post = post;
  }

  show(report: DashboardReport): void {
    this.#report = report;
    this.#render();
  }

  get #round(): DashboardRound | undefined {
    const rounds = this.#report?.rounds.filter(({ funnel }) => funnel !== undefined) ?? [];
    return rounds.find(({ round }) => round === this.#chosen) ?? rounds.at(-1);
  }

  #render(): void {
    const report = this.#report;
    if (report === undefined) return;
    this.#root.className = 'reader document dashboard';
    render(
      html`
        <header class="head"><h1>Dashboard</h1><span class="round">${report.dataset}</span></header>
        <main class="document-body">
          ${report.rounds.length === 0 ? html`<p class="lead">No round yet. Generate chains or import traces first.</p>` : nothing}
          ${FIGURES.map((figure) => this.#section(figure, report))}
        </main>
        <footer class="foot">
          <button type="button" class="key-button" @click=${() => this.#post({ type: 'refresh' })}>Refresh</button>
          <span class="grow"></span>
        </footer>
      `,
      this.#root,
    );
    for (const { figure } of FIGURES) this.#draw(figure, report);
  }

  #section({ figure, title, about }: Shown, report: DashboardReport): TemplateResult | typeof nothing {
    if (drawFigure(figure, report, this.#round, PAGE) === undefined) return nothing;
    return html`<section aria-labelledby="title-${figure}">
      <h2 id="title-${figure}">${title}</h2>
      ${figure === 'funnel' ? this.#funnelHead(report) : html`<p class="dim">${about}</p>`}
      <div class="picture" data-figure=${figure}></div>
      ${this.#details(figure, report)}
      <p class="files">
        <button type="button" class="key-button" @click=${() => this.#saveSvg(figure)}>Save as SVG…<span class="spoken"> ${title}</span></button>
        <button type="button" class="key-button" @click=${() => this.#post({ type: 'csv', figure })}>Save as CSV…<span class="spoken"> ${title}</span></button>
      </p>
    </section>`;
  }

  #funnelHead({ rounds }: DashboardReport): TemplateResult {
    const round = this.#round;
    const funnel = round?.funnel;
    const choose = (event: Event): void => {
      this.#chosen = (event.target as HTMLSelectElement).value;
      this.#render();
    };
    return html`<p>
        <label>Round
          <select @change=${choose}>
            ${rounds
              .filter((one) => one.funnel !== undefined)
              .map((one) => html`<option value=${one.round} ?selected=${one === round}>${one.round}</option>`)}
          </select>
        </label>
      </p>
      ${
        funnel === undefined
          ? nothing
          : html`<p class="lead">${mainLoss(funnel)} ${funnel.advice === undefined ? nothing : adviceText(funnel.advice)}</p>`
      }`;
  }

  #details(figure: Figure, report: DashboardReport): TemplateResult | typeof nothing {
    if (figure === 'funnel') return this.#funnelTable();
    if (figure === 'reviewers') return reviewerTable(report);
    if (figure === 'costs') return costTable(report);
    if (figure === 'classes') return quotaText(report);
    return nothing;
  }

  #funnelTable(): TemplateResult | typeof nothing {
    const round = this.#round;
    const funnel = round?.funnel;
    if (round === undefined || funnel === undefined) return nothing;
    const link = (text: string, query: Query | undefined): TemplateResult | string =>
      query === undefined
        ? text
        : html`<button type="button" class="link" @click=${() => this.#post({ type: 'open', query })}>${text}</button>`;
    return html`<table>
      <caption class="spoken">Stages of ${round.round}</caption>
      <thead><tr><th scope="col">Stage</th><th scope="col">Count</th><th scope="col" class="losses">Lost at this stage</th></tr></thead>
      <tbody>
        ${funnel.stages.map(
          ({ stage, count, losses }) => html`<tr>
            <th scope="row">${link(stageName(stage), stageQuery(stage, round.round))}</th>
            <td>${formatCount(count)}</td>
            <td class="losses">${losses.map(
              (loss, i) =>
                html`${i === 0 ? nothing : ', '}${link(lossText(loss, funnel), lossQuery(loss.reason, round.round))}`,
            )}</td>
          </tr>`,
        )}
        <tr>
          <th scope="row">${link('Accepted', [...roundQuery(round.round), { field: 'decision', op: '=', values: ['accepted'] }])}</th>
          <td>${formatCount(round.accepted)}</td><td></td>
        </tr>
      </tbody>
    </table>`;
  }

  #draw(figure: Figure, report: DashboardReport): void {
    const place = this.#root.querySelector(`.picture[data-figure="${figure}"]`);
    const svg = drawFigure(figure, report, this.#round, PAGE);
    if (place === null || svg === undefined) return;
    svg.setAttribute('aria-label', FIGURES.find((one) => one.figure === figure)?.title ?? '');
    place.replaceChildren(svg);
  }

  #saveSvg(figure: Figure): void {
    const svg = this.#report && drawFigure(figure, this.#report, this.#round, PAPER);
    if (svg !== undefined) this.#post({ type: 'svg', figure, svg: svgFile(svg) });
  }
}

const roundQuery = (round: string): Query => [{ field: 'round', op: '=', values: [round] }];

interface Shown {
  figure: Figure;
  title: string;
  about: string;
}

const FIGURES: readonly Shown[] = [
  { figure: 'funnel', title: 'Where chains are lost', about: '' },
  { figure: 'classes', title: 'Classes and the quota', about: 'Chains that passed the filters, by class.' },
  {
    figure: 'pass-rates',
    title: 'Pass rates of problems by round',
    about: 'Share of correct answers, hardest problems first. An empty cell was not sampled.',
  },
  { figure: 'lengths', title: 'Lengths', about: 'Chains by their number of tokens.' },
  {
    figure: 'behaviours',
    title: 'Behaviours over rounds',
    about: 'Sentences that verify, turn back, set a subgoal or reason backward.',
  },
  {
    figure: 'reviewers',
    title: 'Reviewers',
    about:
      'Chains accepted and rejected, decisions per hour without pauses, and the share of chains with the same decision of two reviewers, with its 90 % interval.',
  },
  { figure: 'costs', title: 'Tokens and cost', about: 'Of all calls in the journals of the rounds.' },
];

function quotaText({ rounds }: DashboardReport): TemplateResult {
  const asked = rounds.flatMap(({ round, firstWrongShare, classes }) => {
    const kept = classes.reduce((sum, one) => sum + one.kept, 0);
    if (firstWrongShare === undefined || kept === 0) return [];
    const wrong = classes.find(({ class: name }) => name === 'FT')?.kept ?? 0;
    return [{ round, firstWrongShare, wrong, kept }];
  });
  return html`<ul class="dim">
    ${asked.map(
      ({ round, firstWrongShare, wrong, kept }) =>
        html`<li>${round}: ${formatCount(wrong)} of ${plural(kept, 'kept chain')} (${formatPercent(wrong / kept)}) with a wrong first answer; the quota asks for ${formatPercent(firstWrongShare / 100)}.</li>`,
    )}
  </ul>`;
}

function reviewerTable({ reviewers, agreement }: DashboardReport): TemplateResult {
  return html`<table>
      <caption class="spoken">Reviewers</caption>
      <thead><tr><th scope="col">Reviewer</th><th scope="col">Accepted</th><th scope="col">Rejected</th><th scope="col">Skipped</th><th scope="col">Decisions per hour</th></tr></thead>
      <tbody>${reviewers.map(
        (one) => html`<tr>
          <th scope="row">${one.reviewer}</th>
          <td>${formatCount(one.accepted)}</td><td>${formatCount(one.rejected)}</td><td>${formatCount(one.skipped)}</td>
          <td>${one.perHour === undefined ? '–' : formatCount(Math.round(one.perHour))}</td>
        </tr>`,
      )}</tbody>
    </table>
    ${
      agreement.length === 0
        ? nothing
        : html`<ul>${agreement.map((pair) => html`<li>${agreementText(pair)}</li>`)}</ul>`
    }`;
}

function costTable({ rounds }: DashboardReport): TemplateResult {
  return html`<table>
    <caption class="spoken">Tokens and cost</caption>
    <thead><tr><th scope="col">Round</th><th scope="col">Calls</th><th scope="col">Prompt tokens</th><th scope="col">Completion tokens</th><th scope="col">Cost</th></tr></thead>
    <tbody>${rounds
      .filter(({ calls }) => calls > 0)
      .map(
        (one) => html`<tr>
          <th scope="row">${one.round}</th>
          <td>${formatCount(one.calls)}</td><td>${formatCount(one.promptTokens)}</td><td>${formatCount(one.completionTokens)}</td>
          <td>${one.cost === undefined ? '–' : one.cost.toFixed(2)}</td>
        </tr>`,
      )}</tbody>
  </table>`;
}
