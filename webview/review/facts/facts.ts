import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Place } from '../../../src/core/review/index.ts';
import { parentOf, type StepPlace } from '../../../src/core/schemas/index.ts';
import { formatCount, formatPercent, plural } from '../../../src/core/text/format.ts';
import { shareLength } from '../../../src/core/text/svg.ts';
import type { ReviewAction } from '../../../src/protocol/keys.ts';
import type { Difficulty, ReviewChain, ReviewItem } from '../../../src/protocol/review.ts';
import { row } from '../../ui/rows.ts';
import { countLabels } from '../spans/step-labels.ts';
import { valuesView } from '../values/values-view.ts';
import { answersView } from './answers.ts';
import { disagreementsView } from './disagreements.ts';
import { filtersView } from './filters.ts';
import { ratesView } from './rates.ts';
import { type FoundAnswers, overrideView, verdictView } from './verdict.ts';

/** Rendered nodes: the problem as Markdown, the answers as maths. */
export interface FactNodes extends FoundAnswers {
  problem: Node;
}

interface FactsOptions {
  allFilters: boolean;
  toggleFilters(): void;
  reviewer: string;
  /** Goes to an item of a list by its index. */
  goTo(what: 'candidate' | 'disagreement', index: number): void;
  go(place: Place, announcement?: string): void;
  /** Puts the sentence cursor on a step. */
  goToStep(step: StepPlace, words: string): void;
  goToChain(chainId: string): void;
  perform(action: ReviewAction): void;
}

export function factsView(item: ReviewItem, nodes: FactNodes, options: FactsOptions): TemplateResult {
  const { chain, problem, state } = item;
  return html`
    <section>
      <h2 id="problem" tabindex="-1">Problem</h2>
      <div class="problem-text">${problem.problem === '' ? 'This row has no problem.' : nodes.problem}</div>
      ${problem.level === undefined && problem.topic === undefined ? nothing : html`<p class="dim">${origin(item)}</p>`}
    </section>
    ${parentView(chain, options)}
    ${verdictView(item, nodes, options)}
    ${answersView(item.candidates, state.text.length, (index) => options.goTo('candidate', index))}
    ${valuesView(item, options)}
    ${item.difficulty === undefined ? nothing : difficultyView(item.difficulty)}
    ${item.suspectGold === undefined ? nothing : suspectView(item.suspectGold)}
    ${filtersView(item, options)}
    <section>
      <h2>Behaviours per 1,000 tokens</h2>
      ${ratesView(item)}
      ${disagreementsView(item, (index) => options.goTo('disagreement', index))}
      <p class="dim">${chain.tokens.estimated ? 'about ' : ''}${plural(chain.tokens.count, 'token')} · ${chain.model}</p>
    </section>
    <section>
      <h2>Reviews</h2>
      ${row(options.reviewer === '' ? 'you' : html`you <span class="dim">${options.reviewer}</span>`, state.decision)}
      ${state.steps === undefined ? nothing : row('steps', countLabels(state.steps.map(({ label }) => label)))}
      ${state.reason === undefined ? nothing : html`<p class="dim">${state.reason}</p>`}
      ${state.note === undefined ? nothing : html`<p class="note">${state.note}</p>`}
      ${tagsView(state)}
      ${(item.others ?? []).map(
        ({
          reviewer,
          decision,
          reason,
          override,
          ...other
        }) => html`${row(reviewer, decision, reason === undefined ? {} : { title: reason })}
          ${tagsView(other)}
          ${override === undefined ? nothing : overrideView(`override by ${reviewer}`, override)}`,
      )}
    </section>
  `;
}

/** The chain that this one continues or repairs, and who found the step that it repairs. */
function parentView(chain: ReviewChain, { goToChain }: FactsOptions): TemplateResult | typeof nothing {
  const parent = parentOf(chain);
  if (parent === undefined) return nothing;
  const { repairs, continues } = chain;
  const how =
    repairs !== undefined
      ? `repaired; wrong part ${foundBy(repairs.by)}`
      : continues !== undefined
        ? 'continued from a place in it'
        : 'imported with this origin';
  return html`<section>
    <h2>Made from</h2>
    <button type="button" class="link sentence" @click=${() => goToChain(parent)}>${parent}</button>
    <p class="dim">${how}</p>
  </section>`;
}

function foundBy(by: NonNullable<ReviewChain['repairs']>['by']): string {
  if ('reviewer' in by) return `labelled by ${by.reviewer}`;
  if ('equation' in by) return `has “${by.equation}”, which does not hold`;
  return `found by ${plural(by.samples, 'continuation')}: ${formatPercent(by.within, 0)}`;
}

/** A reviewer's tags, and whom the reviewer has assigned the chain to. */
function tagsView({
  tags = [],
  assigned,
}: {
  tags?: string[] | undefined;
  assigned?: string | undefined;
}): TemplateResult {
  return html`${tags.length === 0 ? nothing : row('tags', tags.join(', '))}
    ${assigned === undefined ? nothing : row('assigned to', assigned)}`;
}

function origin({ problem }: ReviewItem): string {
  const level = problem.level === undefined ? undefined : `level ${problem.level}`;
  return [level, problem.topic].filter((part) => part !== undefined).join(' · ');
}

function difficultyView({ attempts, successes, mean, low, high }: Difficulty): TemplateResult {
  return html`<section>
    <h2>Difficulty</h2>
    ${row(
      `solved ${formatCount(successes)} of ${formatCount(attempts)}`,
      html`<span class="dim">p ${mean.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})</span>`,
    )}
    <svg class="interval" role="img" aria-label="pass rate ${formatPercent(mean)}, between ${formatPercent(low)} and ${formatPercent(high)}">
      <rect class="bar-track" width="100%" height="8" rx="4"></rect>
      ${svg`<rect class="interval-band" x=${shareLength(low)} width=${shareLength(high - low)} height="8" rx="2"></rect>
        <rect class="interval-mean" x=${shareLength(mean)} y="-2" width="2" height="12"></rect>`}
    </svg>
  </section>`;
}

/** Shown answers of a vote. */
const SHOWN_ANSWERS = 4;

function suspectView({ vote, answers, round }: NonNullable<ReviewItem['suspectGold']>): TemplateResult {
  const shown = vote.slice(0, SHOWN_ANSWERS);
  const rest = answers - shown.reduce((sum, { count }) => sum + count, 0);
  return html`<section>
    <h2>Is the gold answer right?</h2>
    <p class="dim">None of ${plural(answers, 'sample')} in ${round} gives the gold answer. Their answers:</p>
    ${shown.map(({ answer, count }) => row(answer, `${formatCount(count)} of ${formatCount(answers)}`))}
    ${rest > 0 ? row('others', `${formatCount(rest)} of ${formatCount(answers)}`) : nothing}
  </section>`;
}
