import { html, nothing, svg, type TemplateResult } from 'lit';
import { BEHAVIOURS, type Behaviour } from '../../src/core/model/index.ts';
import type { Place } from '../../src/core/review/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { Difficulty, ReviewItem } from '../../src/protocol/review.ts';
import { answersView } from './answers.ts';
import { disagreementsView } from './disagreements.ts';
import { filtersView } from './filters.ts';
import { row } from './rows.ts';
import { type FoundAnswers, overrideView, verdictView } from './verdict.ts';
import { DECISION_WORDS } from './words.ts';

/** Nodes that come from the renderer: the problem as Markdown, the answers as maths. */
export interface FactNodes extends FoundAnswers {
  problem: Node;
}

interface FactsOptions {
  allFilters: boolean;
  toggleFilters(): void;
  reviewer: string;
  /** Goes to one of a list by its place there. */
  goTo(what: 'candidate' | 'disagreement', index: number): void;
  go(place: Place): void;
  perform(action: ReviewAction): void;
}

export function factsView(item: ReviewItem, nodes: FactNodes, options: FactsOptions): TemplateResult {
  const { chain, problem, state } = item;
  return html`
    <section>
      <h2 id="problem" tabindex="-1">Problem</h2>
      <div class="problem-text">${nodes.problem}</div>
      ${problem.level === undefined && problem.topic === undefined ? nothing : html`<p class="dim">${origin(item)}</p>`}
    </section>
    ${verdictView(item, nodes, options)}
    ${answersView(item.candidates, state.text.length, (index) => options.goTo('candidate', index))}
    ${item.difficulty === undefined ? nothing : difficultyView(item.difficulty)}
    ${item.suspectGold === undefined ? nothing : suspectView(item.suspectGold)}
    ${filtersView(item, options)}
    <section>
      <h2>Behaviours per 1,000 tokens</h2>
      ${BEHAVIOURS.map(
        (kind) => html`<div class="row">
          <span class="kind ${kind}"><span class="stroke"></span>${kind}</span>
          <span>${precision(item, kind)}${item.rates[kind].toFixed(1)}</span>
        </div>`,
      )}
      ${disagreementsView(item, (index) => options.goTo('disagreement', index))}
      <p class="dim">${chain.tokens.estimated ? 'about ' : ''}${chain.tokens.count.toLocaleString('en')} tokens · ${chain.model}</p>
    </section>
    <section>
      <h2>Reviews</h2>
      ${row(options.reviewer === '' ? 'you' : html`you <span class="dim">${options.reviewer}</span>`, DECISION_WORDS[state.decision])}
      ${state.reason === undefined ? nothing : html`<p class="dim">${state.reason}</p>`}
      ${state.note === undefined ? nothing : html`<p class="note">${state.note}</p>`}
      ${(item.others ?? []).map(
        ({
          reviewer,
          decision,
          reason,
          override,
        }) => html`${row(reviewer, DECISION_WORDS[decision], reason === undefined ? {} : { title: reason })}
          ${override === undefined ? nothing : overrideView(`${reviewer} says`, override)}`,
      )}
    </section>
  `;
}

const MEASURED_BY = {
  calibration: 'measured by the latest calibration of this dataset',
  labels: 'measured on labels of a language model, on texts of a model that the classifier had not seen',
};

/** How far the detector that set the spans is to be trusted, where that was measured. */
function precision({ precision: measured }: ReviewItem, kind: Behaviour): TemplateResult | typeof nothing {
  const found = measured[kind];
  if (found === undefined) return nothing;
  if (found.few !== undefined) {
    const why = `The latest calibration has only ${found.few} labelled sentences that the detector marks so: too few to say how often it is right`;
    return html`<span class="dim" title=${why}>few labels (${found.few}) · </span>`;
  }
  const title = `Of the sentences that the detector marks, this share is right; ${MEASURED_BY[found.by]}`;
  return html`<span class="dim" title=${title}>precision ${found.value.toFixed(2)} · </span>`;
}

function origin({ problem }: ReviewItem): string {
  const level = problem.level === undefined ? undefined : `level ${problem.level}`.replace(/^level level/i, 'level');
  return [level, problem.topic].filter((part) => part !== undefined).join(' · ');
}

function difficultyView({ attempts, successes, mean, low, high }: Difficulty): TemplateResult {
  const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
  return html`<section>
    <h2>Difficulty</h2>
    <div class="row">
      <span>solved ${successes} of ${attempts}</span>
      <span class="dim">p ${mean.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})</span>
    </div>
    <svg class="interval" role="img" aria-label="pass rate ${percent(mean)}, between ${percent(low)} and ${percent(high)}">
      <rect class="bar-track" width="100%" height="8" rx="4"></rect>
      ${svg`<rect class="interval-band" x=${percent(low)} width=${percent(high - low)} height="8" rx="2"></rect>
        <rect class="interval-mean" x=${percent(mean)} y="-2" width="2" height="12"></rect>`}
    </svg>
  </section>`;
}

/** Answers that are shown of a vote. */
const SHOWN_ANSWERS = 4;

function suspectView({ vote, answers, round }: NonNullable<ReviewItem['suspectGold']>): TemplateResult {
  const shown = vote.slice(0, SHOWN_ANSWERS);
  const rest = answers - shown.reduce((sum, { count }) => sum + count, 0);
  return html`<section>
    <h2>Is the trusted answer right?</h2>
    <p class="dim">None of ${answers} samples in ${round} gives it; they say:</p>
    ${shown.map(({ answer, count }) => row(answer, `${count} of ${answers}`))}
    ${rest > 0 ? row('others', `${rest} of ${answers}`) : nothing}
  </section>`;
}
