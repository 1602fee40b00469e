import { html, nothing, type TemplateResult } from 'lit';
import type { Place } from '../../../src/core/review/index.ts';
import type { StepPlace } from '../../../src/core/schemas/index.ts';
import { formatPercent, oneLine, plural } from '../../../src/core/text/format.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';
import type { ShownStepValues } from '../../../src/protocol/step-values.ts';
import { markdown } from '../../rendering/short.ts';
import { keyOf } from '../keys.ts';
import { describeAnchor, describePlace, describeSuggestion } from './values.ts';

interface ValuesOptions {
  /** Goes to a place in the text. */
  go(place: Place, announcement?: string): void;
  /** Puts the sentence cursor on a step. */
  goToStep(step: StepPlace, words: string): void;
}

/** Code units of a step that are announced, and that are shown. */
const WORDS = 90;
const MOST_SHOWN = 1_000;

/** The values of steps as text: the suggested first wrong step, the thought anchors and the measured places, each with a link. */
export function valuesView(
  { values, state }: ReviewItem,
  { go, goToStep }: ValuesOptions,
): TemplateResult | typeof nothing {
  if (values === undefined) return nothing;
  const { model, samples, steps, places, anchors } = values;
  return html`<section>
    <h2 id="values" tabindex="-1">Step values</h2>
    ${suggestionView(values, state.firstWrongStep, goToStep)}
    ${
      anchors.length === 0
        ? nothing
        : html`<details class="anchors" open>
            <summary class="dim">Thought anchors: steps that change the chance most</summary>
            <div class="how">
              ${anchors.map((anchor) => {
                const words = describeAnchor(anchor);
                const step = state.text.slice(anchor.start, anchor.end).trim().slice(0, MOST_SHOWN);
                const text = oneLine(step, WORDS);
                return html`<button type="button" class="link sentence" @click=${() => go(trimmed(state.text, anchor), `${words}. ${text}`)}>${words}</button>
                  <div class="dim step-start">${markdown(step)}</div>`;
              })}
            </div>
          </details>`
    }
    <details class="places">
      <summary class="dim">${plural(places.length, 'measured place')}</summary>
      <div class="how">
        ${places.map((place) => {
          const words = describePlace(place, steps);
          const start = Math.max(0, place.at - 1);
          return html`<button type="button" class="link sentence" @click=${() => go({ start, end: place.at }, words)}>${words}</button>`;
        })}
      </div>
    </details>
    <p class="dim">${plural(samples, 'continuation')} · ${model}</p>
  </section>`;
}

function suggestionView(
  values: ShownStepValues,
  labelled: StepPlace | undefined,
  goToStep: ValuesOptions['goToStep'],
): TemplateResult {
  const { firstWrong } = values;
  if (firstWrong === undefined) return html`<p>No step found after which success collapses.</p>`;
  const words = describeSuggestion(values);
  const isAccepted = labelled !== undefined && labelled.start < firstWrong.end && labelled.end > firstWrong.start;
  const hint = isAccepted
    ? 'labelled as the first wrong step'
    : html`<kbd>${keyOf('firstWrongStep')}</kbd> goes there, and again accepts`;
  return html`<button type="button" class="link sentence" @click=${() => goToStep(firstWrong, words)}>${words}</button>
    <p class="dim">this step or a neighbour: ${formatPercent(firstWrong.within, 0)} · ${hint}</p>`;
}

/** The place without white space around it. */
function trimmed(text: string, { start, end }: Place): Place {
  const inside = text.slice(start, end);
  return { start: start + inside.length - inside.trimStart().length, end: start + inside.trimEnd().length };
}
