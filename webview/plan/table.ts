import { html, nothing, svg, type TemplateResult } from 'lit';
import { isLocalModel } from '../../src/core/models/model-ref.ts';
import { bucketName } from '../../src/core/sampling/buckets.ts';
import {
  formatCompact,
  formatCost,
  formatCount,
  formatDuration,
  formatExpected,
  formatMoney,
  formatPercent,
  markOf,
  plural,
} from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';
import type { FromPlanPage } from '../../src/protocol/plan-page.ts';
import type { SamplingPlanReport } from '../../src/protocol/sampling.ts';

/** Runs a command of the editor. */
export type Command = (name: Extract<FromPlanPage, { type: 'command' }>['command']) => void;
type Row = SamplingPlanReport['total'];

/** The totals of the round. */
export function totalsView(report: SamplingPlanReport, command: Command): TemplateResult {
  const { total, rate, problems, dropped, covered, coveredAfter, settings, interval, evidence } = report;
  const mark = markOf(evidence);
  const perRequest = settings.samplesPerRequest ?? 1;
  const all = problems + dropped.length;
  const tile = (value: unknown, label: string, detail: unknown = nothing) => html`<div class="tile">
    <dd>${value}</dd>
    <dt>${label}</dt>
    <dd class="detail">${detail}</dd>
  </div>`;
  return html`<dl class="tiles">
    ${tile(mark + formatExpected(total.samples), 'samples', html`of ${plural(problems, 'problem')}, ${rangeText(interval.samples)}`)}
    ${tile(mark + formatExpected(total.kept), 'correct, kept', html`${mark}${formatExpected(total.correct)} correct in all, ${rangeText(interval.kept)} kept`)}
    ${tile(`${formatExpected(covered)} → ${mark}${formatExpected(coveredAfter)}`, 'problems solved', html`of ${formatExpected(all)}, in any round; ${rangeText(interval.coveredAfter)}`)}
    ${tile(mark + formatExpected(total.requests), 'requests', perRequest > 1 ? `of at most ${plural(perRequest, 'sample')}` : `${formatExpected(report.concurrency)} in flight, at most`)}
    ${tile(mark + formatExpected(total.promptTokens + total.completionTokens), 'tokens', `${mark}${formatExpected(total.promptTokens)} prompt, ${mark}${formatExpected(total.completionTokens)} completion (${formatExpected(rate.completionTokens)} per response)`)}
    ${
      total.cost === undefined
        ? tile(
            formatCost(undefined, isLocalModel(report.model)),
            'cost',
            html`<button type="button" class="link" @click=${() => command('setPrices')}>Set prices…</button>`,
          )
        : tile(mark + formatMoney(total.cost), 'cost', 'in the currency of the prices')
    }
    ${
      total.seconds === undefined
        ? tile('unknown', 'time', 'this model has no finished round')
        : tile(
            mark + formatDuration(total.seconds),
            'time',
            `at ${formatExpected(rate.tokensPerSecond ?? 0)} tokens/s, as in ${rate.round ?? 'earlier rounds'}`,
          )
    }
  </dl>`;
}

/** A 90 % interval, named for screen readers. */
const rangeText = ({ low, high }: { low: number; high: number }): TemplateResult =>
  html`<span class="range" title="90 % interval">${formatExpected(low)} to ${formatExpected(high)}<span class="spoken"> (90 % interval)</span></span>`;

/** Problems of the suggested pilot. */
const PILOT_PROBLEMS = 20;

/** A note that the numbers are from the prior, with a pilot to measure the model; or that this plan is a pilot. */
export function evidenceView(
  { evidence, problems }: SamplingPlanReport,
  pilot: number | undefined,
  choosePilot: (problems: number | undefined) => void,
): TemplateResult | typeof nothing {
  if (pilot !== undefined) {
    return html`<p class="evidence" role="note">
      <span><strong>Pilot</strong> of ${plural(problems, 'random problem')}, each sampled equally often. The plan for all problems then uses what it measured.</span>
      <button type="button" class="key-button" @click=${() => choosePilot(undefined)}>Plan All Problems</button>
    </p>`;
  }
  if (!evidence.restsOnPrior) return nothing;
  return html`<p class="evidence" role="note">
    <span><strong>≈ estimated from the prior:</strong> ${formatCount(evidence.sampled)} of ${plural(problems, 'problem')} sampled. All pass rates are assumed to be equally likely, which is rarely true.</span>
    <button type="button" class="key-button primary" @click=${() => choosePilot(PILOT_PROBLEMS)}>Plan a Pilot of ${PILOT_PROBLEMS} Problems</button>
  </p>`;
}

/** The basis of the numbers, and what the plan skips. */
export function notesView({ rate, dropped, endedBy, round, settings, evidence }: SamplingPlanReport): TemplateResult {
  const lengths =
    rate.from === 'guess'
      ? 'This model has no finished round. Responses are assumed to use half of the token limit.'
      : `Lengths are taken from ${rate.round ?? 'earlier rounds'}${rate.from === 'dialogue' ? ', from the pieces of its chains' : ''}.`;
  const ends = {
    samples: 'samples',
    requests: 'requests',
    tokens: 'tokens',
    money: 'money',
    seconds: 'time',
  };
  return html`<ul class="notes">
    <li>Numbers are expected values over chance and over the unknown pass rate of each problem. Samples, kept responses and solved problems have a 90 % interval over the mean pass rate of problems that were not sampled. It contains neither the chance of the round nor the length of responses. The other numbers have no interval.</li>
    ${
      evidence.basis === 'flat'
        ? nothing
        : html`<li>Pass rates of problems that were not sampled are estimated from ${plural(evidence.samples, 'sample')} of ${plural(evidence.problems, 'problem')}.</li>`
    }
    <li>${lengths}</li>
    ${endedBy === undefined ? nothing : html`<li class="warn">The budget of ${ends[endedBy]} ends the round before the policy does.</li>`}
    ${
      dropped.length === 0
        ? nothing
        : html`<li>${plural(dropped.length, 'problem is', 'problems are')} skipped: the chance that the remaining samples solve
            ${dropped.length === 1 ? 'it' : 'one of them'} is below ${formatPercent(settings.dropBelow, 0)}.</li>`
    }
    <li>The round will be called ${round}.</li>
  </ul>`;
}

/** The plan by difficulty, hard to easy, with a bar for the samples. */
export function tableView({ buckets, total, evidence, settings }: SamplingPlanReport): TemplateResult {
  // With one sample per request, both columns would be the same.
  const apart = (settings.samplesPerRequest ?? 1) > 1;
  const most = Math.max(1, ...buckets.map(({ samples }) => samples));
  const shown = buckets.filter(({ problems }) => problems > 0);
  const mark = markOf(evidence);
  const cells = (row: Row) => html`
    <td>${mark}${formatExpected(row.correct)}</td>
    <td>${mark}${formatExpected(row.kept)}</td>
    <td>${mark}${formatExpected(row.solved)}</td>
    ${apart ? html`<td>${mark}${formatExpected(row.requests)}</td>` : nothing}
    <td>${mark}${formatCompact(row.promptTokens)}</td>
    <td>${mark}${formatCompact(row.completionTokens)}</td>
    ${total.cost === undefined ? nothing : html`<td>${mark}${formatMoney(row.cost ?? 0)}</td>`}
    ${total.seconds === undefined ? nothing : html`<td>${mark}${formatDuration(row.seconds ?? 0)}</td>`}`;
  return html`<div class="table"><table>
    <caption>By difficulty: the mean pass rate that is known of a problem before the round</caption>
    <thead><tr>
      <th scope="col">Pass rate</th><th scope="col">Problems</th><th scope="col" colspan="2">Samples</th><th scope="col">Correct</th>
      <th scope="col">Kept</th><th scope="col">Solved</th>${apart ? html`<th scope="col">Requests</th>` : nothing}<th scope="col">Prompt tokens</th><th scope="col">Completion tokens</th>
      ${total.cost === undefined ? nothing : html`<th scope="col">Cost</th>`}
      ${total.seconds === undefined ? nothing : html`<th scope="col">Time</th>`}
    </tr></thead>
    <tbody>
      ${shown.map(
        (row) => html`<tr>
          <th scope="row">${bucketName(row)}</th>
          <td>${formatExpected(row.problems)}</td>
          <td>${mark}${formatExpected(row.samples)}</td>
          <td class="bar-cell"><svg class="samples-bar" aria-hidden="true">
            ${svg`<rect width=${shareLength(row.samples / most)} height="100%" rx="2"></rect>`}
          </svg></td>
          ${cells(row)}
        </tr>`,
      )}
    </tbody>
    <tfoot><tr>
      <th scope="row">All</th>
      <td>${formatExpected(total.problems)}</td>
      <td>${mark}${formatExpected(total.samples)}</td>
      <td></td>
      ${cells(total)}
    </tr></tfoot>
  </table></div>`;
}
