import { defined } from '../../defined.ts';
import type { Behaviour } from '../../schemas/index.ts';
import type { AutomaticSource, CalibrationReport, Estimate } from './model.ts';

/** The scores of automatic sources by a curator's labels. */
export interface SourceScores {
  calibration: string;
  reviewer: string;
  labelled: number;
  scores: Partial<Record<AutomaticSource, Partial<Record<Behaviour, MeasuredKind>>>>;
}

interface MeasuredKind {
  precision?: Estimate;
  recall?: Estimate;
  /** Labelled sentences that the source marks. */
  marked: number;
}

/** The scores of a report that could be estimated. */
export function scoresOf(report: CalibrationReport): SourceScores {
  const { calibration, reviewer, labelled } = report;
  const scores: SourceScores['scores'] = {};
  for (const { detector, kinds } of report.detectors) {
    const measured = kinds.filter(({ precision, recall }) => precision !== null || recall !== null);
    scores[detector] = Object.fromEntries(
      measured.map(({ kind, counts, precision, recall }) => [
        kind,
        {
          marked: counts.both + counts.detector,
          ...defined({ precision: precision ?? undefined, recall: recall ?? undefined }),
        },
      ]),
    );
  }
  return { calibration, reviewer, labelled, scores };
}
