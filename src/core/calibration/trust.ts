import { BEHAVIOUR_SCORES } from '../behaviours/index.ts';
import { BEHAVIOURS, type Behaviour, type Span, type SpanSource } from '../model/index.ts';
import type { DetectorScores } from './scores.ts';

/** Which share of what a detector marks is right, 0 to 1, and where that was measured. */
export interface MeasuredPrecision {
  value: number;
  /** On sentences of this dataset by a curator, or on the labels that the classifier was trained on, with its model left out. */
  by: 'calibration' | 'labels';
  /** On how many labelled sentences it rests, where these are too few for the value to be shown. */
  few?: number;
}

/** With fewer labelled sentences that the detector marks, the 90 % interval of its precision can take up half of the scale. */
const ENOUGH_MARKED = 10;

/**
 * How far the spans of a chain are to be trusted, by kind: the precision of the detector that set most of them, from the dataset's latest
 * calibration, else, for the offline classifier, from its own validation. Kinds that were not measured, and those that a person set, are absent.
 */
export function measuredPrecision(
  spans: readonly Pick<Span, 'kind' | 'source'>[],
  calibrated: DetectorScores | undefined,
): Partial<Record<Behaviour, MeasuredPrecision>> {
  const measured: Partial<Record<Behaviour, MeasuredPrecision>> = {};
  for (const kind of BEHAVIOURS) {
    const source = mostOf(spans.filter((span) => span.kind === kind).map((span) => span.source));
    if (source === undefined || source === 'human') continue;
    const { precision, marked = 0 } = calibrated?.scores[source]?.[kind] ?? {};
    // What was right nowhere was hardly ever marked: that is no measurement.
    const offline = source === 'classifier' ? BEHAVIOUR_SCORES[kind].precision : 0;
    if (precision !== undefined) {
      const few = marked < ENOUGH_MARKED ? { few: marked } : {};
      measured[kind] = { value: precision.value, by: 'calibration', ...few };
    } else if (offline > 0) measured[kind] = { value: offline, by: 'labels' };
  }
  return measured;
}

function mostOf(sources: readonly SpanSource[]): SpanSource | undefined {
  const counts = new Map<SpanSource, number>();
  for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
