import type { Behaviour } from '../model/index.ts';
import { csvTable } from '../text/csv.ts';
import type { CalibrationReport, Detector, Estimate, KindScore } from './model.ts';

/** Detectors as a reader knows them; one that is not here is called by its name. */
const TITLES: Readonly<Record<string, string>> = {
  piece: 'pieces',
  rule: 'offline rules',
  classifier: 'offline classifier',
  model: 'judge',
};

export const detectorTitle = (detector: Detector): string => TITLES[detector] ?? detector;

/** Behaviours inside of a sentence. */
export const KIND_WORDS: Readonly<Record<Behaviour, string>> = {
  verification: 'verification',
  backtracking: 'backtracking',
  subgoal: 'a subgoal',
  backward: 'backward reasoning',
};

/** An interval wider than this leaves open whether a detector is good or bad. */
const WIDE = 0.4;

/** What a score means, for somebody who does not think in precision and recall. */
export function meaningOf(detector: Detector, score: Omit<KindScore, 'meaning'>): string {
  const kind = KIND_WORDS[score.kind];
  const by = `by the ${detectorTitle(detector)}`;
  const { precision, recall, counts } = score;
  if (counts.both + counts.detector + counts.curator + counts.neither === 0) return 'Nothing is labelled yet.';
  const marked =
    precision === null
      ? `No labelled sentence is marked as ${kind} ${by}.`
      : `Of 10 sentences marked as ${kind} ${by}, ${ofTen(precision)} are.`;
  const there =
    recall === null
      ? `No labelled sentence is ${kind}: what is missed cannot be told.`
      : `Of 10 that are ${kind}, ${ofTen(recall)} are found.`;
  const rough = [precision, recall].some((estimate) => estimate !== null && isWide(estimate));
  return `${marked} ${there}${rough ? ' Too few cases to say more.' : ''}`;
}

/** Whether an estimate is too rough to go by. */
export const isWide = ({ low, high }: Estimate): boolean => high - low > WIDE;

/** A number only where it means something: a wide interval is said as one. */
function ofTen(estimate: Estimate): string {
  const tenths = (share: number): number => Math.round(share * 10);
  const { value, low, high } = estimate;
  if (isWide(estimate)) return `anything between ${tenths(low)} and ${tenths(high)}`;
  return tenths(value) > 0 ? `about ${tenths(value)}` : value > 0 ? 'hardly any' : 'none';
}

/** `0.82 (0.61–0.93)`; a dash where there is none. */
export function estimateText(estimate: Estimate | null): string {
  if (estimate === null) return '–';
  return `${decimal(estimate.value)} (${decimal(estimate.low)}–${decimal(estimate.high)})`;
}

/** Two digits; a dash where there is none. */
export const decimal = (value: number | null): string =>
  value === null ? '–' : value.toFixed(2).replace(/^-(?=0\.00$)/, '');

/** The report as Markdown: a table for each detector, what it means, and the agreement between curators. */
export function reportMarkdown(report: CalibrationReport): string {
  const { calibration, reviewer, labelled, sentences, skipped } = report;
  const lines = [
    `**Calibration ${calibration}**: ${labelled} of ${sentences} sentences labelled by ${reviewer}, ${skipped} skipped. Intervals are 90 %.`,
  ];
  for (const { title, kinds } of report.detectors) {
    lines.push(
      '',
      `### ${title}`,
      '',
      '| kind | precision | recall | F1 | κ | both | detector only | curator only | neither |',
      '|---|---|---|---|---|---|---|---|---|',
      ...kinds.map(({ kind, counts, precision, recall, f1, kappa }) => {
        const cells = [kind, estimateText(precision), estimateText(recall), decimal(f1), decimal(kappa)];
        return `| ${[...cells, counts.both, counts.detector, counts.curator, counts.neither].join(' | ')} |`;
      }),
      '',
      ...kinds.map(({ kind, meaning }) => `- ${kind}: ${meaning}`),
    );
  }
  for (const { reviewer: other, sentences: common, kappa } of report.agreement) {
    const kinds = Object.entries(kappa).map(([kind, value]) => `${kind} ${decimal(value)}`);
    lines.push('', `κ with ${other} over ${common} sentences: ${kinds.join(', ')}.`);
  }
  return `${lines.join('\n')}\n`;
}

const CSV_HEAD = [
  ...['calibration', 'reviewer', 'detector', 'kind', 'both', 'detector_only', 'curator_only', 'neither'],
  ...['precision', 'precision_low', 'precision_high', 'recall', 'recall_low', 'recall_high', 'f1', 'kappa'],
];

/** The report as CSV, a row for each detector and kind; what is not known is an empty cell. */
export function reportCsv(report: CalibrationReport): string {
  const rows = report.detectors.flatMap(({ detector, kinds }) =>
    kinds.map(({ kind, counts, precision, recall, f1, kappa }) => [
      ...[report.calibration, report.reviewer, detector, kind],
      ...[counts.both, counts.detector, counts.curator, counts.neither],
      ...[precision?.value, precision?.low, precision?.high, recall?.value, recall?.low, recall?.high, f1, kappa],
    ]),
  );
  return csvTable(CSV_HEAD, rows);
}
