import { html, nothing, type TemplateResult } from 'lit';
import { BEHAVIOURS, type Behaviour } from '../../../src/core/schemas/index.ts';
import { formatPercent, plural } from '../../../src/core/text/format.ts';
import type { ReviewItem } from '../../../src/protocol/review.ts';

type Accuracy = NonNullable<ReviewItem['accuracy'][Behaviour]>;

/** Whose labels the accuracy rests on, as one line below the rates. */
const MEASURED_BY = {
  calibration: 'measured by the latest calibration of this dataset',
  people: 'labels by people, other models',
  model: 'labels by a language model, other models',
};

/** Episodes and acts of each behaviour, the share of the text in them, and how good the marks are. */
export function ratesView({ rates, accuracy, isGrading = false }: ReviewItem): TemplateResult {
  const measured = BEHAVIOURS.flatMap((kind) => accuracy[kind] ?? []);
  const sources = [...new Set(measured.map(({ by }) => by))];
  return html`<table class="rates">
      <thead>
        <tr>
          <td></td>
          <th scope="col">episodes</th>
          <th scope="col">acts</th>
          <th scope="col" title="Share of the text in the episodes">of text</th>
        </tr>
      </thead>
      <tbody>
        ${BEHAVIOURS.map(
          (kind) => html`<tr>
              <th scope="row"><span class="kind ${kind}"><span class="stroke"></span>${kind}</span></th>
              ${isGrading ? html`<td class="dim">–</td>` : html`<td>${rates[kind].episodes.toFixed(1)}</td>`}
              ${isGrading ? html`<td class="dim">–</td>` : actsCell(rates[kind].acts)}
              ${isGrading ? html`<td class="dim">–</td>` : html`<td>${formatPercent(rates[kind].covered, 0)}</td>`}
            </tr>
            ${accuracyRow(accuracy[kind])}`,
        )}
      </tbody>
    </table>
    ${sources.map((by) => html`<p class="dim">${MEASURED_BY[by]}</p>`)}`;
}

function actsCell(acts: number | undefined): TemplateResult {
  return acts === undefined
    ? html`<td class="dim" title="The acts of some spans are unknown">–</td>`
    : html`<td>${acts.toFixed(1)}</td>`;
}

function accuracyRow(measured: Accuracy | undefined): TemplateResult | typeof nothing {
  if (measured === undefined) return nothing;
  return html`<tr class="accuracy dim">
    <td colspan="4" title=${titleOf(measured)}>${formatAccuracy(measured)}</td>
  </tr>`;
}

/** `right 7 of 10 (0.66–0.76), found 6 of 10`; with too few labels, only their number. */
export function formatAccuracy({ precision, recall, few }: Accuracy): string {
  if (few !== undefined) return `few labels (${few})`;
  const right = `right ${tenths(precision.value)} (${precision.low.toFixed(2)}–${precision.high.toFixed(2)})`;
  return recall === undefined ? right : `${right}, found ${tenths(recall.value)}`;
}

function titleOf({ precision, recall, by, few }: Accuracy): string {
  if (few !== undefined) {
    return `The latest calibration has only ${plural(few, 'labelled sentence')} with this mark: too few to report how many are right`;
  }
  const parts = [
    `${share(precision)} of the marked sentences are right (precision)`,
    ...(recall === undefined ? [] : [`${share(recall)} of the sentences to mark are marked (recall)`]),
    `90 % intervals, ${MEASURED_BY[by]}`,
  ];
  return parts.join('; ');
}

const tenths = (value: number): string => `${Math.round(value * 10)} of 10`;
const share = ({ value, low, high }: Accuracy['precision']): string =>
  `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
