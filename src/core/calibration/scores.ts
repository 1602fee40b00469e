import type { Behaviour } from '../model/index.ts';
import type { CalibrationReport, Detector, Estimate } from './model.ts';

/** What a curator's labels say of the detectors of a dataset, for whoever shows their marks. */
export interface DetectorScores {
  calibration: string;
  reviewer: string;
  labelled: number;
  /** Only of what was measured. */
  scores: Partial<Record<Detector, Partial<Record<Behaviour, MeasuredKind>>>>;
}

interface MeasuredKind {
  precision?: Estimate;
  recall?: Estimate;
  /** Labelled sentences that the detector calls so: what the precision rests on. */
  marked: number;
}

/** The scores of a report, without what could not be estimated. */
export function scoresOf(report: CalibrationReport): DetectorScores {
  const { calibration, reviewer, labelled } = report;
  const scores: DetectorScores['scores'] = {};
  for (const { detector, kinds } of report.detectors) {
    const measured = kinds.filter(({ precision, recall }) => precision !== null || recall !== null);
    scores[detector] = Object.fromEntries(
      measured.map(({ kind, counts, precision, recall }) => [
        kind,
        {
          marked: counts.both + counts.detector,
          ...(precision === null ? {} : { precision }),
          ...(recall === null ? {} : { recall }),
        },
      ]),
    );
  }
  return { calibration, reviewer, labelled, scores };
}
