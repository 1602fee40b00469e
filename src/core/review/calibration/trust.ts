import { BEHAVIOUR_SCORES } from '../../behaviours/index.ts';
import { BEHAVIOURS, type Behaviour, type Span, type SpanSource } from '../../schemas/index.ts';
import type { SourceScores } from './scores.ts';

/** The share of correct marks, 0 to 1, and how it was measured. */
export interface MeasuredPrecision {
  value: number;
  /** By a curator in this dataset, or in the validation of the classifier. */
  by: 'calibration' | 'labels';
  /** The number of labelled sentences, if too few to show the value. */
  few?: number;
}

/** With fewer marked sentences, the 90 % interval of the precision can be half of the scale. */
const ENOUGH_MARKED = 10;

/**
 * The precision of a chain's spans by behaviour: of the source of most of them, from the dataset's latest calibration, else for the classifier
 * from its validation. Absent if not measured or set by a person.
 */
export function measuredPrecision(
  spans: readonly Pick<Span, 'kind' | 'source'>[],
  calibrated: SourceScores | undefined,
): Partial<Record<Behaviour, MeasuredPrecision>> {
  const measured: Partial<Record<Behaviour, MeasuredPrecision>> = {};
  for (const kind of BEHAVIOURS) {
    const source = mostOf(spans.filter((span) => span.kind === kind).map((span) => span.source));
    if (source === undefined || source === 'human') continue;
    const { precision, marked = 0 } = calibrated?.scores[source]?.[kind] ?? {};
    // A precision of 0 comes from very few marks and is not a measurement.
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
