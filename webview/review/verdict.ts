import { html, nothing, type TemplateResult } from 'lit';
import type { GradingPolicy, Verdict } from '../../src/core/model/index.ts';
import type { Place } from '../../src/core/review/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { keyOf } from './keys.ts';
import { comparison, decidedBy, short, spaced } from './words.ts';

/** An answer that grading found: as maths, and where it stands in the text as it is now, if it still does. */
export interface FoundAnswer {
  node: Node;
  place: Place | undefined;
}

/** The chain's own answer and those of its pieces, in the order of `pieces`; undefined for a piece that was not graded. */
export interface FoundAnswers {
  gold: Node;
  chain: FoundAnswer;
  pieces: readonly (FoundAnswer | undefined)[];
}

interface VerdictActs {
  go(place: Place): void;
  perform(action: ReviewAction): void;
}

/** How the verdict came about: quiet rows, which tell the rest when they are opened. */
export function verdictView(item: ReviewItem, found: FoundAnswers, acts: VerdictActs): TemplateResult {
  const { chain, state, policy } = item;
  const { verdict } = chain;
  const word = state.override;
  const isOverruled = word !== undefined && word.outcome !== verdict.outcome;
  return html`<section class="verdict">
    <h2>Answer</h2>
    <div class="row"><span class="name">gold</span><span class="value">${found.gold}</span></div>
    <div class="row ${isOverruled ? 'overruled' : ''}">
      <span class="name">chain says</span>
      <span class="value">${answer(verdict, found.chain, acts)}</span>
    </div>
    ${word === undefined ? nothing : overrideView('you say', word)}
    <details>
      <summary id="verdict"><span class="row"><span class="name">decided by</span><span class="value">${decidedBy(verdict)}</span></span></summary>
      ${explanation(verdict, found.chain, acts)} ${policyView(policy)}
    </details>
    ${chain.pieces.map(({ piece, verdict: own }, index) => {
      const at = found.pieces[index];
      if (own === undefined || at === undefined || (piece === 'summary' && isSame(own, verdict))) return nothing;
      return html`<details>
        <summary>
          <span class="row">
            <span class="name">${pieceTitle(piece)}</span>
            <span class="value outcome-${own.outcome}">${at.node} · ${own.outcome}</span>
          </span>
        </summary>
        ${explanation(own, at, acts)}
      </details>`;
    })}
    <p class="acts">
      ${actButton('overrule', 'This is wrong…', acts)} ${actButton('regrade', 'Regrade', acts)}
    </p>
  </section>`;
}

/** A person's word on the answer, with the reason. */
export function overrideView(name: unknown, { outcome, reason }: { outcome: string; reason: string }): TemplateResult {
  return html`<div class="row"><span class="name">${name}</span><span class="value outcome-${outcome}">${outcome}</span></div>
    <p class="dim">${reason}</p>`;
}

/** The answer with its outcome; a way to its place where it stands in the text. */
function answer({ outcome }: Verdict, { node, place }: FoundAnswer, acts: VerdictActs): TemplateResult {
  const words = html`${node} · <span class="outcome">${outcome}</span>`;
  return place === undefined
    ? html`<span class="outcome-${outcome}">${words}</span>`
    : html`<button type="button" class="to-place outcome-${outcome}" title="Go to its place in the text" @click=${() => acts.go(place)}>${words}</button>`;
}

function explanation(verdict: Verdict, { place }: FoundAnswer, acts: VerdictActs): TemplateResult {
  const { extracted, gold, prediction, detail } = verdict;
  return html`<div class="how">
    ${
      extracted === undefined
        ? html`<p class="dim">No final answer was found.</p>`
        : html`<div class="row">
            <span class="name">found</span>
            <span class="value">
              ${
                place === undefined
                  ? html`<code>${short(extracted)}</code> <span class="dim">not in the text as it stands</span>`
                  : html`<button type="button" class="link" title="Go to its place in the text" @click=${() => acts.go(place)}><code>${short(extracted)}</code></button>`
              }
            </span>
          </div>`
    }
    ${form('read as', prediction)} ${form('gold read as', gold)}
    <p class="dim">${comparison(verdict)} ${detail ?? ''}</p>
  </div>`;
}

function form(name: string, text: string | undefined): TemplateResult | typeof nothing {
  return text === undefined
    ? nothing
    : html`<div class="row"><span class="name">${name}</span><span class="value"><code>${short(text)}</code></span></div>`;
}

/** The switches by which answers were compared; a policy that has a name goes by it. */
function policyView(policy: GradingPolicy): TemplateResult {
  const { name, ...switches } = { name: undefined, ...policy };
  const words = Object.entries(switches).map(([key, value]) => `${spaced(key)} ${switchWord(value)}`);
  return html`<div class="how">
    <div class="row"><span class="name">policy</span><span class="value">${name ?? 'of the round'}</span></div>
    <p class="dim">${words.join(' · ')}</p>
  </div>`;
}

function switchWord(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function actButton(action: ReviewAction, label: string, acts: VerdictActs): TemplateResult {
  return html`<button type="button" class="link" @click=${() => acts.perform(action)}>
    ${label} <kbd aria-hidden="true">${keyOf(action)}</kbd>
  </button>`;
}

function isSame(a: Verdict, b: Verdict): boolean {
  return a.outcome === b.outcome && a.extracted === b.extracted;
}
