import type { ExaminationReport } from '../examine/finding.ts';
import type { FindingId } from '../examine/kinds.ts';
import { formatCount, formatPercent, plural } from '../text/format.ts';

/** What the card of a published set has beside its manifest. */
export interface PublishedFacts {
  /** Licence of the set, in place of that of its problems. */
  licence?: string;
  /** The examination of its rows. */
  examined?: Examined;
}

/** What was found in the rows, or why they were not examined. */
export type Examined =
  | {
      report: ExaminationReport;
      /** Name of the policy of the verdicts; undefined for the dataset's own. */
      policy: string | undefined;
      /** The export is in a dataset, which may have benchmarks. */
      isInDataset: boolean;
    }
  | { reason: string };

const DUPLICATES: readonly FindingId[] = ['exact-duplicate', 'near-duplicate', 'near-duplicate-reply'];

/** Statements on contamination, duplicates and verdicts, one sentence each. */
export function statementsOf(examined: Examined): string[] {
  if ('reason' in examined) return [`The rows were not examined: ${examined.reason}.`];
  const { report, policy, isInDataset } = examined;
  const count = (id: FindingId): number => report.findings.find((one) => one.id === id)?.count ?? 0;
  const contaminated = count('contaminated');
  const compared = plural(report.benchmarks, 'benchmark problem');
  const without = isInDataset ? 'the dataset has no benchmarks' : 'the export is in no dataset with benchmarks';
  const [exact = 0, near = 0, replies = 0] = DUPLICATES.map(count);
  const graded = Object.values(report.outcomes).reduce((sum, one) => sum + one, 0);
  const verdicts = Object.entries(report.outcomes).map(
    ([outcome, rows]) => `${outcome} ${formatCount(rows)} (${formatPercent(rows / Math.max(1, graded))})`,
  );
  return [
    report.benchmarks === 0
      ? `Contamination: not checked, because ${without}.`
      : `Contamination, eight words in a row shared (compared with ${compared}): ${plural(contaminated, 'row')}.`,
    `Duplicates: ${plural(exact, 'exact duplicate')}, ${plural(near, 'near-duplicate problem', 'near-duplicate problems')}, ${plural(replies, 'near-duplicate reply', 'near-duplicate replies')}.`,
    ...(verdicts.length === 0
      ? []
      : [
          `Verdicts on the final answers by ${policy === undefined ? 'the dataset’s own policy' : `the policy “${policy}”`}: ${verdicts.join(', ')}.`,
        ]),
  ];
}

/** The section of the card about the examination; empty without one. */
export function examinationSection(examined: Examined | undefined): string {
  if (examined === undefined || 'reason' in examined) return '';
  const { report } = examined;
  const rows = report.findings.map(
    ({ title, severity, count }) => `| ${title} | ${severity} | ${formatCount(count)} |`,
  );
  const table = rows.length === 0 ? [] : ['', '| finding | severity | rows |', '|---|---|---|', ...rows];
  const sentences = statementsOf(examined).map((sentence) => `- ${sentence}`);
  return [
    '',
    '## Examination',
    '',
    `${plural(report.rows, 'row')} examined before publishing:`,
    '',
    ...sentences,
    ...table,
    '',
  ].join('\n');
}
