import type { FilterSettings } from '../schemas/index.ts';
import { FLAG } from './examined.ts';
import type { ExaminationReport, Finding, RowFinding } from './finding.ts';
import { FINDING_IDS, FINDINGS, type FindingId, SEVERITIES } from './kinds.ts';
import { countProblems, quantile } from './set.ts';
import { type RowTable, repliesOf } from './table.ts';

/** Rows of a finding that the report shows. */
export const MOST_EXAMPLES = 5;

/** What a report has beside the rows. */
export interface ReportFacts {
  source: string;
  /** Problems of the benchmarks. */
  benchmarks: number;
  filters: Pick<FilterSettings, 'off'>;
  examples: ReadonlyMap<FindingId, readonly RowFinding[]>;
  seconds: number;
}

/** The report on all rows. */
export function reportOf(
  table: RowTable,
  { source, benchmarks, filters, examples, seconds }: ReportFacts,
): ExaminationReport {
  const outcomes: Record<string, number> = {};
  const counts = new Map<FindingId, number>();
  let withGold = 0;
  for (let row = 0; row < table.length; row += 1) {
    const outcome = table.outcome(row);
    if (outcome !== undefined) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (table.has(row, FLAG.gold)) withGold += 1;
    for (const id of FINDING_IDS) if (table.isFound(row, id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const finding = (id: FindingId): Finding[] => {
    const count = counts.get(id) ?? 0;
    const { title, severity, about, advice, filter } = FINDINGS[id];
    const off = filter !== undefined && filters.off.includes(filter);
    const shown = off ? `${advice} The filter is off.` : advice;
    const found = { id, title, severity, about, count, share: count / table.length, advice: shown };
    const more = {
      examples: [...(examples.get(id) ?? [])],
      query: `finding = ${id}`,
      ...(filter === undefined ? {} : { filter }),
    };
    return count === 0 ? [] : [{ ...found, ...more }];
  };
  return {
    version: 1,
    source,
    examinedAt: new Date().toISOString(),
    rows: table.length,
    problems: countProblems(table),
    withGold,
    outcomes,
    ...lengthsOf(table),
    benchmarks,
    findings: SEVERITIES.flatMap((severity) =>
      FINDING_IDS.filter((id) => FINDINGS[id].severity === severity).flatMap(finding),
    ),
    seconds,
  };
}

function lengthsOf(table: RowTable): Pick<ExaminationReport, 'tokens'> {
  const lengths = Float64Array.from(repliesOf(table), (row) => table.tokens(row)).sort();
  if (lengths.length === 0) return {};
  const [p5, median, p95] = [0.05, 0.5, 0.95].map((share) => quantile(lengths, share));
  return {
    tokens: { p5: p5 ?? 0, median: median ?? 0, p95: p95 ?? 0, total: lengths.reduce((sum, one) => sum + one, 0) },
  };
}
