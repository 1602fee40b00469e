import type { Behaviour } from '../../schemas/index.ts';
import { csvTable } from '../../text/csv.ts';
import { formatCount, plural } from '../../text/format.ts';
import type { AutomaticSource, CalibrationReport, Estimate, KindScore } from './model.ts';

/** Titles of sources; others have their name. */
const TITLES: Readonly<Record<string, string>> = {
  piece: 'pieces',
  rule: 'offline rules',
  classifier: 'offline classifier',
  model: 'judge',
};

export const sourceTitle = (detector: AutomaticSource): string => TITLES[detector] ?? detector;

/** Behaviours within a sentence. */
const KIND_WORDS: Readonly<Record<Behaviour, string>> = {
  verification: 'verification',
  backtracking: 'backtracking',
  subgoal: 'a subgoal',
  backward: 'backward reasoning',
};

/** Maximum width of a useful interval. */
const WIDE = 0.4;

/** An explanation of a score without technical terms. */
export function meaningOf(detector: AutomaticSource, score: Omit<KindScore, 'meaning'>): string {
  const kind = KIND_WORDS[score.kind];
  const by = `by the ${sourceTitle(detector)}`;
  const { precision, recall, counts } = score;
  if (counts.both + counts.detector + counts.curator + counts.neither === 0) return 'No labels yet.';
  const marked =
    precision === null
      ? `No labelled sentence is marked as ${kind} ${by}.`
      : `Of 10 sentences marked as ${kind} ${by}, ${ofTen(precision)} are.`;
  const there =
    recall === null
      ? `No labelled sentence is ${kind}: what is missed is unknown.`
      : `Of 10 that are ${kind}, ${ofTen(recall)} are found.`;
  const rough = [precision, recall].some((estimate) => estimate !== null && isWide(estimate));
  return `${marked} ${there}${rough ? ' Too few cases for a narrow estimate.' : ''}`;
}

/** Whether an estimate is too imprecise. */
export const isWide = ({ low, high }: Estimate): boolean => high - low > WIDE;

/** A wide interval is given as a range. */
function ofTen(estimate: Estimate): string {
  const tenths = (share: number): number => Math.round(share * 10);
  const { value, low, high } = estimate;
  if (isWide(estimate)) return `anything between ${tenths(low)} and ${tenths(high)}`;
  return tenths(value) > 0 ? `about ${tenths(value)}` : value > 0 ? 'hardly any' : 'none';
}

/** `0.82 (0.61–0.93)`, or a dash. */
export function estimateText(estimate: Estimate | null): string {
  if (estimate === null) return '–';
  return `${decimal(estimate.value)} (${decimal(estimate.low)}–${decimal(estimate.high)})`;
}

/** Two decimals, or a dash. */
export const decimal = (value: number | null): string =>
  value === null ? '–' : value.toFixed(2).replace(/^-(?=0\.00$)/, '');

/** The report as Markdown: tables by source, explanations, and the agreement between curators. */
export function reportMarkdown(report: CalibrationReport): string {
  const { calibration, reviewer, labelled, sentences, skipped } = report;
  const lines = [
    `**Calibration ${calibration}**: ${formatCount(labelled)} of ${plural(sentences, 'sentence')} labelled by ${reviewer}, ${formatCount(skipped)} skipped. Intervals are 90 %.`,
  ];
  if (report.purpose === 'learning') lines.push('', LEARNING_TEXT);
  for (const { title, kinds } of report.detectors) {
    lines.push(
      '',
      `### ${title}`,
      '',
      '| kind | precision | recall | F1 | κ | both | source only | reviewer only | neither |',
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
    lines.push('', `κ with ${other} over ${plural(common, 'sentence')}: ${kinds.join(', ')}.`);
  }
  return `${lines.join('\n')}\n`;
}

/** What the result of a learning plan shows instead of scores. */
export const LEARNING_TEXT =
  'These sentences were chosen to teach the classifier. They are no random sample, so precision and recall are not estimated from them.';

const CSV_HEAD = [
  ...['calibration', 'reviewer', 'detector', 'kind', 'both', 'detector_only', 'curator_only', 'neither'],
  ...['precision', 'precision_low', 'precision_high', 'recall', 'recall_low', 'recall_high', 'f1', 'kappa'],
];

/** The report as CSV with a row for each source and behaviour; unknown values are empty. */
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
