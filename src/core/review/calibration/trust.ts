import { BEHAVIOUR_SCORES } from '../../behaviours/index.ts';
import { defined } from '../../defined.ts';
import { betaQuantile } from '../../maths/special.ts';
import { BEHAVIOURS, type Behaviour, type Span, type SpanSource } from '../../schemas/index.ts';
import type { Estimate } from './model.ts';
import type { SourceScores } from './scores.ts';

/** How good the marks of a source are, and how it was measured. */
export interface MeasuredAccuracy {
  /** The share of its marks that are right. */
  precision: Estimate;
  /** The share of the sentences to mark that it marks. */
  recall?: Estimate;
  /** By a curator in this dataset, or on labels of people or of a language model on texts of an unseen model. */
  by: 'calibration' | 'people' | 'model';
  /** The number of labelled sentences, if too few to show the values. */
  few?: number;
}

/** With fewer marked sentences, the 90 % interval of the precision can be half of the scale. */
const ENOUGH_MARKED = 10;

/**
 * The accuracy of a chain's spans by behaviour: of the source of most of them, from the dataset's latest calibration, else for the classifier
 * from its validation. Absent if not measured or set by a person; the validation is not that of a classifier with a dataset's own head.
 */
export function measuredAccuracy(
  spans: readonly Pick<Span, 'kind' | 'source' | 'version'>[],
  calibrated: SourceScores | undefined,
): Partial<Record<Behaviour, MeasuredAccuracy>> {
  const measured: Partial<Record<Behaviour, MeasuredAccuracy>> = {};
  for (const kind of BEHAVIOURS) {
    const ofKind = spans.filter((span) => span.kind === kind);
    const source = mostOf(ofKind.map((span) => span.source));
    if (source === undefined || source === 'human') continue;
    const { precision, recall, marked = 0 } = calibrated?.scores[source]?.[kind] ?? {};
    const validation = source === 'classifier' && !ofKind.some(isOfHead) ? validated(kind) : undefined;
    if (precision !== undefined) {
      const few = marked < ENOUGH_MARKED ? marked : undefined;
      measured[kind] = { precision, by: 'calibration', ...defined({ recall, few }) };
    } else if (validation !== undefined) measured[kind] = validation;
  }
  return measured;
}

/** Whether a dataset's own head marked the span. */
function isOfHead({ version = '' }: Pick<Span, 'version'>): boolean {
  return version.includes('+');
}

/** The accuracy of the shipped classifier; undefined if it was not measured. */
function validated(kind: Behaviour): MeasuredAccuracy | undefined {
  const { precision, recall, positives, by } = BEHAVIOUR_SCORES[kind];
  // A precision of 0 comes from very few marks and is not a measurement.
  if (precision <= 0) return undefined;
  const marked = (positives * recall) / precision;
  return { precision: shareOf(precision, marked), recall: shareOf(recall, positives), by };
}

/** A share of `count` sentences with its 90 % interval (Jeffreys); sentences of a text count as independent. */
function shareOf(value: number, count: number): Estimate {
  const [a, b] = [value * count + 0.5, (1 - value) * count + 0.5];
  return { value, low: Math.min(value, betaQuantile(0.05, a, b)), high: Math.max(value, betaQuantile(0.95, a, b)) };
}

function mostOf(sources: readonly SpanSource[]): SpanSource | undefined {
  const counts = new Map<SpanSource, number>();
  for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
