import { formatCount, formatPercent, formatSeconds, plural } from '../text/format.ts';
import { cell, code, plain, table } from '../text/markdown.ts';
import { type ExaminationReport, type Finding, lineId, type RowFinding } from './finding.ts';
import { SEVERITIES, type Severity } from './kinds.ts';

/** Rows with a finding of at least this severity; a row with several findings counts for each. */
export function countFrom({ findings }: Pick<ExaminationReport, 'findings'>, severity: Severity): number {
  const until = SEVERITIES.indexOf(severity);
  return findings.filter((one) => SEVERITIES.indexOf(one.severity) <= until).reduce((sum, { count }) => sum + count, 0);
}

/** The report as Markdown. Texts of the rows are quoted, so that none of them is read as Markdown. */
export function formatReport(report: ExaminationReport): string {
  const { source, findings } = report;
  const rowsOf = findings.map(({ title, severity, count, share, filter }) => [
    cell(title),
    severity,
    count,
    formatPercent(share, 2),
    filter ?? '–',
  ]);
  return [
    `# Examination of ${plain(source)}`,
    reportFacts(report)
      .map((fact) => `- ${plain(fact)}`)
      .join('\n'),
    findings.length === 0 ? 'Nothing was found.' : table(['finding', 'severity', 'rows', 'share', 'filter'], rowsOf),
    ...findings.map(section),
    '',
  ].join('\n\n');
}

/** What was examined, in a few sentences. */
export function reportFacts({
  rows,
  problems,
  withGold,
  outcomes,
  tokens,
  benchmarks,
  seconds,
}: ExaminationReport): string[] {
  const graded = Object.entries(outcomes).map(([outcome, count]) => `${formatCount(count)} ${outcome}`);
  return [
    `${plural(rows, 'row')} with ${plural(problems, 'problem')}, examined in ${formatSeconds(seconds)}.`,
    withGold === 0
      ? 'No row has a gold answer.'
      : `${plural(withGold, 'row has a gold answer', 'rows have a gold answer')}${graded.length > 0 ? `: ${graded.join(', ')}` : ''}.`,
    tokens === undefined
      ? 'No row has a reply.'
      : `Tokens of a reply: median ${formatCount(tokens.median)}, 90 % between ${formatCount(tokens.p5)} and ${formatCount(tokens.p95)}, ${formatCount(tokens.total)} in total.`,
    benchmarks === 0
      ? 'There were no benchmarks to compare with.'
      : `Compared with ${plural(benchmarks, 'benchmark problem')}.`,
  ];
}

function section({ title, about, examples, query, advice }: Finding): string {
  return [
    `## ${title}`,
    `${about} ${advice}`,
    `Query for these rows: ${code(query)}`,
    examples.map(example).join('\n'),
  ].join('\n\n');
}

/** The id of a row and its line; the line alone where the id is made of it. @param format Of the id. */
export function placeOfFinding(
  { id, line }: Pick<RowFinding, 'id' | 'line'>,
  format: (id: string) => string = String,
): string {
  const where = line === undefined ? '' : `line ${formatCount(line)}`;
  if (line !== undefined && id === lineId(line)) return where;
  return where === '' ? format(id) : `${format(id)}, ${where}`;
}

function example({ id, line, reason, excerpt }: RowFinding): string {
  return `- ${placeOfFinding({ id, line }, code)}: ${plain(reason)}${excerpt === undefined || excerpt === '' ? '' : `\n  ${code(excerpt)}`}`;
}
