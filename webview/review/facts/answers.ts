import { html, nothing, type TemplateResult } from 'lit';
import { type Transition, transitions } from '../../../src/core/behaviours/transitions.ts';
import { formatCount, plural } from '../../../src/core/text/format.ts';
import type { Candidate, ReviewItem } from '../../../src/protocol/review.ts';
import { percentAt, short, sideOf } from '../../ui/format.ts';
import { row } from '../../ui/rows.ts';

/** Listed steps; the middle of a longer list is omitted. */
const LISTED_STEPS = 5;
/** Candidates that are listed, at most. */
const LISTED = 60;

/** `3 candidates: wrong ×2 → right; first right at 62 % of the text`. The middle of a long list is omitted. */
export function formatStory(candidates: readonly Candidate[], length: number): string {
  const runs: { side: string; count: number }[] = [];
  for (const { outcome } of candidates) {
    const side = sideOf(outcome);
    const last = runs.at(-1);
    if (last?.side === side) last.count += 1;
    else runs.push({ side, count: 1 });
  }
  const steps = runs.map(({ side, count }) => (count === 1 ? side : `${side} ×${formatCount(count)}`));
  if (steps.length > LISTED_STEPS) steps.splice(2, steps.length - 4, '…');
  const first = candidates.find(({ outcome }) => outcome === 'correct');
  const end = first === undefined ? '' : `; first right at ${percentAt(first.start, length)} of the text`;
  return `${plural(candidates.length, 'candidate')}: ${steps.join(' → ')}${end}`;
}

/** The announcement of a chain for screen readers: its problem and its candidate answers. */
export function introduction({ problem, candidates, state }: ReviewItem): string {
  const story = candidates.length === 0 ? 'no candidate answers' : spoken(formatStory(candidates, state.text.length));
  return ` Now ${problem.id}: ${story}.`;
}

/** The text for screen readers, which read arrows by name. */
const spoken = (story: string): string => story.replaceAll(' → ', ', then ').replace(/ ×(\d+(?:,\d+)*)/g, ' $1 times');

/** `wrong → right`. */
export function formatStep({ kind }: Transition): string {
  return kind.replace('-', ' → ');
}

/** The announcement of each candidate: its number, value, outcome and place, and how the answer changed. */
export function describeCandidates(candidates: readonly Candidate[], length: number): string[] {
  const steps = new Map(transitions(candidates).map((step) => [step.to, step]));
  return candidates.map(({ answer, outcome, start }, index) => {
    const step = steps.get(index);
    const parts = [
      `answer ${formatCount(index + 1)} of ${formatCount(candidates.length)}: ${short(answer)}`,
      sideOf(outcome),
      `at ${percentAt(start, length)}`,
      ...(step?.changed === true ? [`from ${step.kind.replace('-', ' to ')}`] : []),
    ];
    return parts.join(', ');
  });
}

/** The candidate answers of the text, and the changes between them. */
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
      <summary><span aria-hidden="true">${formatStory(candidates, length)}</span><span class="spoken">${spoken(formatStory(candidates, length))}</span></summary>
      <div class="how">
        ${candidates
          .slice(0, LISTED)
          .map(({ start, answer, outcome }, index) =>
            row(
              html`<button type="button" class="link" @click=${() => go(index)}><code>${short(answer)}</code></button>`,
              html`<span class="outcome-${outcome ?? 'ungraded'}">${sideOf(outcome)}</span> <span class="dim">${percentAt(start, length)}</span>`,
            ),
          )}
        ${candidates.length > LISTED ? html`<p class="dim">and ${formatCount(candidates.length - LISTED)} more (key .)</p>` : nothing}
      </div>
    </details>
    ${turns === '' ? nothing : html`<p class="dim">${turns}</p>`}
  </section>`;
}

/** `1 wrong → right · 2 right → right`, changes first. */
function turnsOf(steps: readonly Transition[]): string {
  const kinds = ['wrong-right', 'right-wrong', 'right-right', 'wrong-wrong'] as const;
  const counted = kinds.map((kind) => steps.filter((step) => step.kind === kind));
  return counted
    .flatMap((same) => (same[0] === undefined ? [] : [`${formatCount(same.length)} ${formatStep(same[0])}`]))
    .join(' · ');
}
