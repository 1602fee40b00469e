import { html, nothing, type TemplateResult } from 'lit';
import type { GradingPolicy, Verdict } from '../../src/core/model/index.ts';
import type { Override, Place } from '../../src/core/review/index.ts';
import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { keyOf } from './keys.ts';
import { row } from './rows.ts';
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
  const { chain, state, policy, policyNow } = item;
  const { verdict } = chain;
  const word = state.override;
  const isOverruled = word !== undefined && word.outcome !== verdict.outcome;
  return html`<section class="verdict">
    <h2>Answer</h2>
    ${row('gold', found.gold)}
    ${row('chain says', answer(verdict, found.chain, acts), isOverruled ? { look: 'overruled' } : {})}
    ${word === undefined ? nothing : overrideView('you say', word)}
    <details>
      <summary id="verdict">${row('decided by', decidedBy(verdict))}</summary>
      ${explanation(verdict, found.chain, acts)} ${policyView('policy', policy)}
      ${policyNow === undefined ? nothing : policyView('a regrade goes by', policyNow)}
    </details>
    ${chain.pieces.map(({ piece, verdict: own }, index) => {
      const at = found.pieces[index];
      if (own === undefined || at === undefined || (piece === 'summary' && isSame(own, verdict))) return nothing;
      const says = html`<span class="outcome-${own.outcome}">${at.node} · ${own.outcome}</span>`;
      return html`<details>
        <summary>${row(pieceTitle(piece), says)}</summary>
        ${explanation(own, at, acts)}
      </details>`;
    })}
    <p class="acts">${actButton('overrule', 'This is wrong…', acts)} ${actButton('regrade', 'Regrade', acts)}</p>
  </section>`;
}

/** A person's word on the answer, with the reason. */
export function overrideView(name: string, { outcome, reason }: Override): TemplateResult {
  return html`${row(name, html`<span class="outcome-${outcome}">${outcome}</span>`)}
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
  const forms = Object.entries({ 'read as': prediction, 'gold read as': gold });
  return html`<div class="how">
    ${extracted === undefined ? html`<p class="dim">No final answer was found.</p>` : row('found', foundAt(extracted, place, acts))}
    ${forms.map(([name, text]) => (text === undefined ? nothing : row(name, html`<code>${short(text)}</code>`)))}
    <p class="dim">${comparison(verdict)} ${detail ?? ''}</p>
  </div>`;
}

function foundAt(extracted: string, place: Place | undefined, acts: VerdictActs): TemplateResult {
  const code = html`<code>${short(extracted)}</code>`;
  return place === undefined
    ? html`${code} <span class="dim">not in the text as it stands</span>`
    : html`<button type="button" class="link" title="Go to its place in the text" @click=${() => acts.go(place)}>${code}</button>`;
}

/** The switches by which answers were compared; a policy that has a name goes by it. */
function policyView(title: string, policy: GradingPolicy): TemplateResult {
  const { name, ...switches } = { name: undefined, ...policy };
  const words = Object.entries(switches).map(([key, value]) => `${spaced(key)} ${switchWord(value)}`);
  return html`<div class="how">
    ${row(title, name ?? '')}
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
