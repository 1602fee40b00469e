import { html, nothing, svg, type TemplateResult } from 'lit';
import type { FromPlanPage } from '../../src/protocol/plan-page.ts';
import type { SamplingPlanReport } from '../../src/protocol/sampling.ts';

/** Asks the host to do something elsewhere in the editor. */
export type Command = (name: Extract<FromPlanPage, { type: 'command' }>['command']) => void;
type Row = SamplingPlanReport['total'];

/** About two significant digits of what is only expected: `1,240`, `3.4`, `0`. */
export function about(value: number): string {
  if (value === 0) return '0';
  return value < 10 ? value.toLocaleString('en', { maximumFractionDigits: 1 }) : Math.round(value).toLocaleString('en');
}

/** `45 s`, `12 min`, `3 h 20 min`. */
export function time(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const money = (cost: number): string => (cost < 0.1 && cost > 0 ? cost.toFixed(4) : cost.toFixed(2));

/** The whole round in a few numbers, and where they come from. */
export function totalsView(report: SamplingPlanReport, command: Command): TemplateResult {
  const { total, rate, problems, dropped, covered, coveredAfter, settings } = report;
  const perRequest = settings.samplesPerRequest ?? 1;
  const all = problems + dropped.length;
  const tile = (value: unknown, label: string, detail: unknown = nothing) => html`<div class="tile">
    <dd>${value}</dd>
    <dt>${label}</dt>
    <dd class="detail">${detail}</dd>
  </div>`;
  return html`<dl class="tiles">
    ${tile(about(total.samples), 'samples', `of ${about(problems)} problems`)}
    ${tile(about(total.kept), 'correct, kept', `${about(total.correct)} correct in all`)}
    ${tile(`${about(covered)} → ${about(coveredAfter)}`, 'problems solved', `of ${about(all)}, in any round`)}
    ${tile(about(total.requests), 'requests', perRequest > 1 ? `of ${perRequest} samples, at most` : `${about(report.concurrency)} in flight, at most`)}
    ${tile(about(total.promptTokens + total.completionTokens), 'tokens', `${about(rate.completionTokens)} a response`)}
    ${
      total.cost === undefined
        ? tile(
            'unknown',
            'cost',
            html`<button type="button" class="link" @click=${() => command('setPrices')}>Set prices…</button>`,
          )
        : tile(money(total.cost), 'cost', 'in the currency of the prices')
    }
    ${
      total.seconds === undefined
        ? tile('unknown', 'time', 'no round of this model was timed yet')
        : tile(
            time(total.seconds),
            'time',
            `at ${about(rate.tokensPerSecond ?? 0)} tokens/s, as in ${rate.round ?? 'earlier rounds'}`,
          )
    }
  </dl>`;
}

/** What the numbers rest on, and what the plan leaves out. */
export function notesView({ rate, dropped, endedBy, round, settings, buckets }: SamplingPlanReport): TemplateResult {
  const unknown = buckets.find(({ from }) => from === undefined)?.problems ?? 0;
  const lengths =
    rate.from === 'guess'
      ? 'This model has no round yet: a response is taken to be half as long as it may be.'
      : `Lengths are taken from ${rate.round ?? 'earlier rounds'}${rate.from === 'dialogue' ? ', from the pieces of its chains' : ''}.`;
  const ends = {
    samples: 'samples',
    requests: 'requests',
    tokens: 'tokens',
    money: 'money',
    seconds: 'time',
  };
  return html`<ul class="notes">
    <li>All numbers are expected ones, over luck and over what is not known of each problem’s pass rate.</li>
    ${
      unknown === 0
        ? nothing
        : html`<li>${about(unknown)} ${unknown === 1 ? 'problem was' : 'problems were'} never sampled: every pass rate is taken to be equally likely. Where many are
            hard, a round costs more than this, up to two or three times as much; a budget ends it in time.</li>`
    }
    <li>${lengths}</li>
    ${endedBy === undefined ? nothing : html`<li class="warn">The budget of ${ends[endedBy]} ends the round before the policy does.</li>`}
    ${
      dropped.length === 0
        ? nothing
        : html`<li>${about(dropped.length)} ${dropped.length === 1 ? 'problem is' : 'problems are'} left out: the chance that the samples left would solve
            ${dropped.length === 1 ? 'it' : 'one of them'} is below ${Math.round(settings.dropBelow * 100)} %.</li>`
    }
    <li>The round will be called ${round}.</li>
  </ul>`;
}

/** Buckets of difficulty, hard to easy, with a bar for where the samples go. */
export function tableView({ buckets, total }: SamplingPlanReport): TemplateResult {
  const most = Math.max(1, ...buckets.map(({ samples }) => samples));
  const shown = buckets.filter(({ problems }) => problems > 0);
  const cells = (row: Row) => html`
    <td>${about(row.correct)}</td>
    <td>${about(row.kept)}</td>
    <td>${about(row.solved)}</td>
    <td>${about(row.requests)}</td>
    <td>${about(row.promptTokens + row.completionTokens)}</td>
    ${total.cost === undefined ? nothing : html`<td>${money(row.cost ?? 0)}</td>`}
    ${total.seconds === undefined ? nothing : html`<td>${time(row.seconds ?? 0)}</td>`}`;
  return html`<div class="table"><table>
    <caption>By difficulty: the mean pass rate that is known of a problem before the round</caption>
    <thead><tr>
      <th scope="col">Pass rate</th><th scope="col">Problems</th><th scope="col" colspan="2">Samples</th><th scope="col">Correct</th>
      <th scope="col">Kept</th><th scope="col">Solved</th><th scope="col">Requests</th><th scope="col">Tokens</th>
      ${total.cost === undefined ? nothing : html`<th scope="col">Cost</th>`}
      ${total.seconds === undefined ? nothing : html`<th scope="col">Time</th>`}
    </tr></thead>
    <tbody>
      ${shown.map(
        (row) => html`<tr>
          <th scope="row">${bucketName(row)}</th>
          <td>${about(row.problems)}</td>
          <td>${about(row.samples)}</td>
          <td class="bar-cell"><svg class="samples-bar" aria-hidden="true">
            ${svg`<rect width=${`${((row.samples / most) * 100).toFixed(1)}%`} height="100%" rx="2"></rect>`}
          </svg></td>
          ${cells(row)}
        </tr>`,
      )}
    </tbody>
    <tfoot><tr>
      <th scope="row">All</th>
      <td>${about(total.problems)}</td>
      <td>${about(total.samples)}</td>
      <td></td>
      ${cells(total)}
    </tr></tfoot>
  </table></div>`;
}

export function bucketName({ from, to }: { from?: number | undefined; to?: number | undefined }): string {
  return from === undefined || to === undefined ? 'never sampled' : `${from} – ${to}`;
}
