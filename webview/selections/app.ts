import { html, nothing, render, svg, type TemplateResult } from 'lit';
import { BEHAVIOUR_NAMES, percentInterval, ratioInterval, wholeInterval } from '../../src/core/evaluation/format.ts';
import { BEHAVIOURS } from '../../src/core/schemas/index.ts';
import {
  ARM_NAMES,
  armText,
  correctedText,
  differenceText,
  drawText,
  heldOutText,
  limitsOf,
  noAnswerText,
  notCountedText,
  overlapText,
  problemsText,
  seedsText,
  verdictText,
  workText,
} from '../../src/core/selections/index.ts';
import { formatCount, formatPercent, plural } from '../../src/core/text/format.ts';
import { shareLength } from '../../src/core/text/svg.ts';
import type { FromSelectionsPage, ShownPlan, ToSelectionsPage } from '../../src/protocol/selections-page.ts';

type Result = NonNullable<ToSelectionsPage['result']>;
type SetResult = Result['sets'][number];
type Post = (message: FromSelectionsPage) => void;

/** Shows the plan of a comparison of selections, and its result once it has ended. */
export function showSelections(root: HTMLElement, shown: ToSelectionsPage, post: Post): void {
  const { dataset, plan, result } = shown;
  root.className = 'reader document selections';
  render(
    html`
      <header class="head">
        <h1>Compare Selections</h1>
        <span class="round">${plan.comparison} · ${dataset}</span>
      </header>
      <main class="document-body">
        <p class="lead">${result ? html`<strong>${verdictText(result)}</strong>` : planText(shown)}</p>
        ${failurePart(shown)}
        ${result ? resultParts(plan, result) : nothing}
        ${planParts(plan, result === undefined)}
      </main>
      <footer class="foot">${footer(shown, post)}<span class="grow"></span></footer>
    `,
    root,
  );
}

function planText({ plan, state, progress }: ToSelectionsPage): string {
  const design = `${plural(plan.rows, 'row')} in each arm, ${plural(plan.seeds.length, 'seed')}, ${heldOutText(plan.sets)}, ${plural(plan.k, 'answer')} each.`;
  const { done, total } = progress?.steps ?? { done: 0, total: 0 };
  const steps = `${formatCount(done)} of ${plural(total, 'step')}`;
  return {
    planned: `${design} Nothing has started yet.`,
    starting: `${design} It is starting.`,
    running: `${design} It is running, also when this window is closed. ${steps} finished.`,
    stopped: `${design} It has stopped with ${steps} finished, which are kept.`,
    ended: design,
  }[state];
}

/** Why a comparison that has stopped failed. */
function failurePart({ state, progress }: ToSelectionsPage): TemplateResult | typeof nothing {
  if (state !== 'stopped' || progress?.failure === undefined) return nothing;
  const { message, advice } = progress.failure;
  return html`<p class="failure" role="alert">${message} ${advice}</p>`;
}

function footer({ state, plan }: ToSelectionsPage, post: Post): TemplateResult[] {
  const key = (
    label: string,
    type: 'start' | 'cancel' | 'report' | 'copyCommand',
    isDisabled = false,
  ): TemplateResult =>
    html`<button type="button" class="key-button" ?disabled=${isDisabled} @click=${() => post({ type })}>${label}</button>`;
  const isBlocked = plan.checks.some((check) => check.state === 'error');
  if (state === 'ended') return [key('Open Report', 'report')];
  if (state === 'running') return [key('Cancel', 'cancel')];
  const label = { planned: 'Start', starting: 'Starting…', stopped: 'Resume' }[state];
  return [key(label, 'start', state === 'starting' || isBlocked), key('Copy Command', 'copyCommand')];
}

function planParts(plan: ShownPlan, showsChecks: boolean): TemplateResult {
  return html`
    <section>
      <h2>Arms</h2>
      <dl class="arms">
        ${plan.arms.map((arm) => html`<dt>${ARM_NAMES[arm.arm]}</dt><dd>${armText(arm, plan)}</dd>`)}
      </dl>
      <table>
        <caption class="spoken">Arms</caption>
        <thead><tr>
          <th scope="col">Arm</th><th scope="col">Chains</th><th scope="col">Rows</th><th scope="col">Problems</th>
          <th scope="col">Tokens</th><th scope="col">Trained</th>
        </tr></thead>
        <tbody>${plan.arms.map((arm) => armRow(plan, arm))}</tbody>
      </table>
      <p class="dim">${drawText(plan)} Numbers are means over seeds. ${overlapText(plan)}</p>
    </section>
    ${
      showsChecks
        ? html`<section>
            <h2>Checks</h2>
            <ul class="checks">
              ${plan.checks.map(
                ({ state, message, advice }) =>
                  html`<li class=${state}>
                    <span class="mark">${{ ok: 'OK', warning: 'Warning', error: 'Error' }[state]}</span>
                    <span>${message} ${advice === undefined ? nothing : html`<span class="dim">${advice}</span>`}</span>
                  </li>`,
              )}
            </ul>
          </section>
          <section><h2>Work</h2><p>${workText(plan.expected)}</p></section>`
        : nothing
    }
  `;
}

function armRow({ draws }: ShownPlan, { arm, chains }: ShownPlan['arms'][number]): TemplateResult {
  const of = draws.filter((draw) => draw.arm === arm);
  const mean = (number: (draw: (typeof of)[number]) => number): number =>
    of.reduce((sum, draw) => sum + number(draw), 0) / Math.max(1, of.length);
  return html`<tr>
    <th scope="row">${ARM_NAMES[arm]}</th>
    <td>${formatCount(chains)}</td>
    <td>${formatCount(mean(({ rows }) => rows))}</td>
    <td>${formatCount(mean(({ problems }) => problems))}</td>
    <td>${formatCount(mean(({ tokens }) => tokens))}</td>
    <td>${formatPercent(mean(({ trained, characters }) => (characters === 0 ? 0 : trained / characters)))}</td>
  </tr>`;
}

function resultParts(plan: ShownPlan, result: Result): TemplateResult {
  return html`
    ${result.sets.map((set) => setParts(plan, set, result))}
    <section>
      <h2>What does not follow</h2>
      <ul class="limits">${limitsOf(plan, result).map((text) => html`<li>${text}</li>`)}</ul>
    </section>
  `;
}

/** The results on one set of held-out problems. */
function setParts(plan: ShownPlan, set: SetResult, { sets }: Result): TemplateResult {
  const of = sets.length > 1 ? `: ${set.name}` : '';
  return html`
    <section>
      <h2>Right answers${of}</h2>
      <table>
        <caption class="spoken">Right answers${of}</caption>
        <thead><tr>
          <th scope="col">Arm</th><th scope="col">Right</th><th scope="col" class="bar-head">95 % interval over problems</th>
          ${plan.seeds.map((seed) => html`<th scope="col">Seed ${seed}</th>`)}
        </tr></thead>
        <tbody>${set.arms.map((arm) => rightRow(plan, arm))}</tbody>
      </table>
    </section>
    ${differencesPart(set, of)} ${answersPart(plan, set, of)}
  `;
}

function differencesPart({ comparisons }: SetResult, of: string): TemplateResult {
  return html`
    <section>
      <h2>Differences${of}</h2>
      <table class="wrapped">
        <caption class="spoken">Differences${of}</caption>
        <thead><tr><th scope="col">From, to</th><th scope="col">Difference</th><th scope="col">Ratio</th><th scope="col">Problems</th><th scope="col">Points in each seed</th></tr></thead>
        <tbody>
          ${comparisons.map(
            (one) => html`<tr>
              <th scope="row">${ARM_NAMES[one.before]} to ${ARM_NAMES[one.after]}</th>
              <td>${differenceText(one)}</td><td class="ratio">${one.comparison.ratio ? ratioInterval(one.comparison.ratio) : 'none'}</td><td>${problemsText(one)}</td><td>${seedsText(one)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      <p class="dim">A problem’s value is its share of right answers over all seeds. p is from the paired randomisation test over problems.</p>
    </section>
  `;
}

function answersPart(plan: ShownPlan, set: SetResult, of: string): TemplateResult {
  return html`
    <section>
      <h2>Answers${of}</h2>
      <table>
        <caption class="spoken">Lengths and behaviours${of}</caption>
        <thead><tr><th scope="col">Measure</th>${set.arms.map(({ arm }) => html`<th scope="col">${ARM_NAMES[arm]}</th>`)}</tr></thead>
        <tbody>
          ${measureRow('mean tokens', set, ({ scores }) => wholeInterval(scores.tokens.all))}
          ${measureRow('truncated', set, ({ scores }) => formatPercent(scores.truncated.value))}
          ${measureRow('otherwise without an answer', set, noAnswerText)}
          ${measureRow('not counted', set, (arm) => notCountedText(plan, set, arm))}
          ${measureRow('wrong first, right at the end', set, ({ scores }) => correctedText(scores))}
          ${BEHAVIOURS.map((kind) =>
            measureRow(
              `${BEHAVIOUR_NAMES[kind]} per 1,000 tokens`,
              set,
              ({ scores }) => scores.behaviours?.[kind].toFixed(2) ?? 'none',
            ),
          )}
        </tbody>
      </table>
      <p class="dim">Truncated replies and others without an answer count as wrong.</p>
    </section>
  `;
}

function rightRow({ seeds }: ShownPlan, { arm, scores, seeds: of }: SetResult['arms'][number]): TemplateResult {
  const { value, low, high } = scores.average;
  const rate = (seed: number): string => {
    const found = of.find((one) => one.seed === seed);
    return found ? formatPercent(found.average.value) : 'none';
  };
  return html`<tr>
    <th scope="row">${ARM_NAMES[arm]}</th>
    <td>${percentInterval({ value, low, high })}</td>
    <td class="bar">
      <svg aria-hidden="true">
        ${svg`<line class="track" x1="0" x2="100%" y1="50%" y2="50%"></line>
          <line class="range" x1=${shareLength(low)} x2=${shareLength(high)} y1="50%" y2="50%"></line>
          <circle cx=${shareLength(value)} cy="50%" r="3.5"></circle>`}
      </svg>
    </td>
    ${seeds.map((seed) => html`<td>${rate(seed)}</td>`)}
  </tr>`;
}

function measureRow(
  name: string,
  { arms }: SetResult,
  value: (arm: SetResult['arms'][number]) => string,
): TemplateResult {
  return html`<tr><th scope="row">${name}</th>${arms.map((arm) => html`<td>${value(arm)}</td>`)}</tr>`;
}
