import { html, nothing, render, type TemplateResult } from 'lit';
import { BEHAVIOURS, chainReplyOutcome, formatVerdict, sampleOutcome } from '../../../src/core/schemas/index.ts';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import type { TraceView } from '../../rendering/trace.ts';
import { roundTitle, short, sideOf } from '../../ui/format.ts';
import { GRADING } from '../facts/verdict.ts';
import { classChip, decisionChip } from '../frame.ts';
import type { ChainView } from '../views.ts';

/** Candidate answers that are listed, at most: the last ones, with the final answer. */
const LISTED = 4;

/** A compared sample: its facts, and its text in a scroller of its own. */
export class SampleColumn {
  readonly element = document.createElement('section');
  readonly scroller = document.createElement('div');
  readonly #head = document.createElement('header');
  readonly #go: (candidate: number) => void;
  #view: ChainView | undefined;

  /** @param go Goes to a candidate answer of the sample. */
  constructor(go: (candidate: number) => void) {
    this.#go = go;
    this.element.className = 'sample';
    this.#head.className = 'sample-head';
    this.scroller.className = 'scroller';
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute('role', 'region');
    this.element.append(this.#head, this.scroller);
  }

  get item(): ReviewItem | undefined {
    return this.#view?.item;
  }

  get view(): ChainView | undefined {
    return this.#view;
  }

  get trace(): TraceView | undefined {
    return this.#view?.trace;
  }

  /** Shows a sample. @param name Its place: `Sample 2 of 3`. @returns Whether it is another text. */
  show(view: ChainView, name: string, isCurrent: boolean): boolean {
    const isOther = view.trace !== this.#view?.trace;
    if (isOther) {
      // Landmarks of all samples would have the same names.
      for (const { element } of view.trace.pieces) element.setAttribute('role', 'group');
      this.scroller.replaceChildren(view.trace.element);
      this.scroller.scrollTop = 0;
    }
    this.#view = view;
    this.element.setAttribute('aria-label', describeSample(view.item, name));
    this.scroller.setAttribute('aria-label', `Text of ${name.toLowerCase()}`);
    this.element.classList.toggle('current', isCurrent);
    this.element.setAttribute('aria-current', String(isCurrent));
    render(headView(view.item, this.#go), this.#head);
    return isOther;
  }
}

/** The verdict of a sample; a reviewer's override replaces that of grading. */
function verdictOf({ chain, state, isGrading }: ReviewItem): { text: string; look: string } {
  if (isGrading === true && state.override === undefined) return { text: GRADING, look: 'dim' };
  const outcome = state.override?.outcome ?? chain.verdict.outcome;
  const ended = state.override === undefined ? chainReplyOutcome(chain.pieces) : 'answered';
  const { extracted } = chain.verdict;
  const verdict = formatVerdict({ outcome, extracted }, ended);
  const answer = extracted === undefined ? [] : [short(extracted)];
  return { text: [...answer, verdict].join(' · '), look: `outcome-${sampleOutcome(outcome, ended)}` };
}

/** `Sample 2 of 3: 13 · incorrect, class FT, pending, model m`. */
export function describeSample(item: ReviewItem, name: string): string {
  const { chain, state } = item;
  const kind = chain.class === undefined ? [] : [`class ${chain.class}`];
  return `${name}: ${[verdictOf(item).text, ...kind, state.decision, `model ${chain.model}`].join(', ')}`;
}

function headView(item: ReviewItem, go: (candidate: number) => void): TemplateResult {
  const { chain, state } = item;
  const { text, look } = verdictOf(item);
  return html`
    <p><strong class=${look}>${text}</strong> ${classChip(chain.class)} ${decisionChip(state.decision)}</p>
    ${state.reason === undefined ? nothing : html`<p class="dim">${state.reason}</p>`}
    <p class="dim" title=${chain.id}>${chain.model} · ${chain.tokens.estimated ? 'about ' : ''}${plural(chain.tokens.count, 'token')} · ${roundTitle(chain.round)}</p>
    <p class="marks">${answersView(item, go)} ${spansView(item)}</p>
  `;
}

function answersView({ candidates }: ReviewItem, go: (candidate: number) => void): TemplateResult {
  if (candidates.length === 0) return html`<span class="dim">no candidate answers</span>`;
  const hidden = Math.max(0, candidates.length - LISTED);
  return html`${hidden === 0 ? nothing : html`<span class="dim">${formatCount(hidden)} more</span>`}
    ${candidates
      .slice(hidden)
      .map(
        ({ answer, outcome }, index) =>
          html`<button type="button" class="link" title="Go to this answer" @click=${() => go(hidden + index)}><code>${short(answer)}</code> <span class="outcome-${outcome ?? 'ungraded'}">${sideOf(outcome)}</span></button>`,
      )}`;
}

function spansView({ state }: ReviewItem): TemplateResult[] {
  return BEHAVIOURS.flatMap((kind) => {
    const count = state.spans.filter((span) => span.kind === kind).length;
    return count === 0
      ? []
      : [html`<span class="kind ${kind}"><span class="stroke"></span>${kind} ${formatCount(count)}</span>`];
  });
}
