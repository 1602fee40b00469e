import { html, nothing, type TemplateResult } from 'lit';
import type { Override, Place } from '../../../src/core/review/index.ts';
import {
  chainReplyOutcome,
  formatVerdict,
  type GradingPolicy,
  pieceReplyOutcome,
  type ReplyOutcome,
  sampleOutcome,
  type Verdict,
} from '../../../src/core/schemas/index.ts';
import type { ReviewAction } from '../../../src/protocol/keys.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import { pieceTitle } from '../../rendering/trace.ts';
import { decidedBy, describeComparison, short, spaced } from '../../ui/format.ts';
import { row, summaryRow } from '../../ui/rows.ts';
import { keyOf } from '../keys.ts';

/** A graded answer as maths, and its place in the current text, if it is there. */
export interface FoundAnswer {
  node: Node;
  place: Place | undefined;
}

/** The answers of the chain and of its pieces, in their order; undefined for an ungraded piece. */
export interface FoundAnswers {
  gold: Node;
  chain: FoundAnswer;
  pieces: readonly (FoundAnswer | undefined)[];
}

interface VerdictActs {
  go(place: Place): void;
  perform(action: ReviewAction): void;
}

/** Shown in place of a verdict. Nothing is announced when it is known. */
export const GRADING = 'being graded …';

/** The verdict in rows, which expand to details. */
export function verdictView(item: ReviewItem, found: FoundAnswers, acts: VerdictActs): TemplateResult {
  const { chain, state, policy, policyNow, isGrading = false } = item;
  const { verdict } = chain;
  const { override } = state;
  const isOverruled = override !== undefined && override.outcome !== verdict.outcome;
  return html`<section class="verdict">
    <h2>Answer</h2>
    ${state.edited ? html`<p class="dim filter-reason">Of the text before your edit.</p>` : nothing}
    ${row('gold', found.gold)}
    ${row('final answer', isGrading ? html`<span class="dim">${GRADING}</span>` : answer(verdict, chainReplyOutcome(chain.pieces), found.chain, acts), isOverruled ? { look: 'overruled' } : {})}
    ${override === undefined ? nothing : overrideView('your override', override)}
    <details>
      <summary id="verdict">${summaryRow('decided by', isGrading ? '–' : decidedBy(verdict))}</summary>
      ${isGrading ? nothing : explanation(verdict, found.chain, acts)} ${policyView('policy', policy)}
      ${policyNow === undefined ? nothing : policyView('policy of a regrade', policyNow)}
    </details>
    ${chain.pieces.map(({ piece, verdict: own, finish }, index) => {
      const at = found.pieces[index];
      if (isGrading || own === undefined || at === undefined || (piece === 'summary' && isSame(own, verdict)))
        return nothing;
      const ended = pieceReplyOutcome({ finish });
      const result = html`<span class=${lookOf(own, ended)}>${at.node} · ${formatVerdict(own, ended)}</span>`;
      return html`<details>
        <summary>${summaryRow(pieceTitle(piece), result)}</summary>
        ${explanation(own, at, acts)}
      </details>`;
    })}
    <p class="acts">${actButton('overrule', 'Overrule…', acts)} ${actButton('regrade', 'Regrade', acts)}</p>
  </section>`;
}

/** A reviewer's override with its reason. */
export function overrideView(name: string, { outcome, reason }: Override): TemplateResult {
  return html`${row(name, html`<span class="outcome-${outcome}">${outcome}</span>`)}
    <p class="dim">${reason}</p>`;
}

const lookOf = ({ outcome }: Verdict, ended: ReplyOutcome): string => `outcome-${sampleOutcome(outcome, ended)}`;

/** The answer with its outcome, as a link if it is in the text. */
function answer(
  verdict: Verdict,
  ended: ReplyOutcome,
  { node, place }: FoundAnswer,
  acts: VerdictActs,
): TemplateResult {
  const look = lookOf(verdict, ended);
  const content = html`${node} · <span class="outcome">${formatVerdict(verdict, ended)}</span>`;
  return place === undefined
    ? html`<span class=${look}>${content}</span>`
    : html`<button type="button" class="to-place ${look}" title="Go to its place in the text" @click=${() => acts.go(place)}>${content}</button>`;
}

function explanation(verdict: Verdict, { place }: FoundAnswer, acts: VerdictActs): TemplateResult {
  const { extracted, gold, prediction } = verdict;
  const forms = Object.entries({ 'normal form': prediction, 'gold normal form': gold });
  return html`<div class="how">
    ${extracted === undefined ? html`<p class="dim">No final answer was found.</p>` : row('found', foundAt(extracted, place, acts))}
    ${forms.map(([name, text]) => (text === undefined ? nothing : row(name, html`<code>${short(text)}</code>`)))}
    <p class="dim">${describeComparison(verdict)}</p>
  </div>`;
}

function foundAt(extracted: string, place: Place | undefined, acts: VerdictActs): TemplateResult {
  const code = html`<code>${short(extracted)}</code>`;
  return place === undefined
    ? html`${code} <span class="dim">not in the current text</span>`
    : html`<button type="button" class="link" title="Go to its place in the text" @click=${() => acts.go(place)}>${code}</button>`;
}

/** The policy and its switches. */
function policyView(title: string, policy: GradingPolicy): TemplateResult {
  const { name, ...switches } = { name: undefined, ...policy };
  const values = Object.entries(switches).map(([key, value]) => `${spaced(key)} ${formatSwitch(value)}`);
  return html`<div class="how">
    ${row(title, name ?? '')}
    <p class="dim">${values.join(' · ')}</p>
  </div>`;
}

function formatSwitch(value: string | number | boolean): string {
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
