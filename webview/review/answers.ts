import { html, nothing, type TemplateResult } from 'lit';
import { type Transition, transitions } from '../../src/core/behaviours/transitions.ts';
import type { Candidate, ReviewItem } from '../../src/protocol/review.ts';
import { percentAt, short, sideOf } from './words.ts';

/** Steps of a story that are told before its middle is left out. */
const TOLD = 5;
/** Candidates that are listed, at most. */
const LISTED = 60;

/** `3 candidates: wrong → wrong → right; first right at 62 % of the text`; equal neighbours are counted, a long middle is left out. */
export function storyOf(candidates: readonly Candidate[], length: number): string {
  const runs: { side: string; count: number }[] = [];
  for (const { outcome } of candidates) {
    const side = sideOf(outcome);
    const last = runs.at(-1);
    if (last?.side === side) last.count += 1;
    else runs.push({ side, count: 1 });
  }
  const told = runs.map(({ side, count }) => (count === 1 ? side : `${side} ×${count}`));
  if (told.length > TOLD) told.splice(2, told.length - 4, '…');
  const first = candidates.find(({ outcome }) => outcome === 'correct');
  const end = first === undefined ? '' : `; first right at ${percentAt(first.start, length)} of the text`;
  return `${candidates.length === 1 ? '1 candidate' : `${candidates.length} candidates`}: ${told.join(' → ')}${end}`;
}

/** A chain as it is told to those who do not see it: which problem, and the story of its answers. */
export function introduction({ problem, candidates, state }: ReviewItem): string {
  const story = candidates.length === 0 ? 'no candidate answers' : spoken(storyOf(candidates, state.text.length));
  return ` Now ${problem.id}: ${story}.`;
}

/** A story without arrows, which are read out by their names. */
const spoken = (story: string): string => story.replaceAll(' → ', ', then ').replace(/ ×(\d+)/g, ' $1 times');

/** `wrong → right`. */
export function stepWords({ kind }: Transition): string {
  return kind.replace('-', ' → ');
}

/** What each candidate is called when the walk comes to it: its place, value, side, and what became of the answer with it. */
export function candidateWords(candidates: readonly Candidate[], length: number): string[] {
  const steps = new Map(transitions(candidates).map((step) => [step.to, step]));
  return candidates.map(({ answer, outcome, start }, index) => {
    const step = steps.get(index);
    const words = [
      `answer ${index + 1} of ${candidates.length}: ${short(answer)}`,
      sideOf(outcome),
      `at ${percentAt(start, length)}`,
      ...(step?.changed === true ? [`from ${step.kind.replace('-', ' to ')}`] : []),
    ];
    return words.join(', ');
  });
}

/** The answers that the text puts forward on its way, and the turns between them. */
export function answersView(
  candidates: readonly Candidate[],
  length: number,
  go: (index: number) => void,
): TemplateResult | typeof nothing {
  if (candidates.length === 0) return nothing;
  const turns = turnsOf(transitions(candidates));
  return html`<section>
    <h2>Candidate answers</h2>
    <details>
      <summary aria-label=${spoken(storyOf(candidates, length))}>${storyOf(candidates, length)}</summary>
      <div class="how">
        ${candidates.slice(0, LISTED).map(
          ({ start, answer, outcome }, index) => html`<div class="row">
            <button type="button" class="link" @click=${() => go(index)}><code>${short(answer)}</code></button>
            <span><span class="outcome-${outcome ?? 'ungraded'}">${sideOf(outcome)}</span> <span class="dim">${percentAt(start, length)}</span></span>
          </div>`,
        )}
        ${candidates.length > LISTED ? html`<p class="dim">and ${candidates.length - LISTED} more, by the key .</p>` : nothing}
      </div>
    </details>
    ${turns === '' ? nothing : html`<p class="dim">${turns}</p>`}
  </section>`;
}

/** `1 wrong → right · 2 right → right`, the turns of an answer first. */
function turnsOf(steps: readonly Transition[]): string {
  const kinds = ['wrong-right', 'right-wrong', 'right-right', 'wrong-wrong'] as const;
  const counted = kinds.map((kind) => steps.filter((step) => step.kind === kind));
  return counted.flatMap((same) => (same[0] === undefined ? [] : [`${same.length} ${stepWords(same[0])}`])).join(' · ');
}
