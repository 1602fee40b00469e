import type { RowFinding } from '../../core/examine/finding.ts';
import type { FindingId } from '../../core/examine/kinds.ts';
import type { ExaminedRow } from '../../core/examine/row.ts';
import { oneLine } from '../../core/text/format.ts';
import type { ExaminedSource } from './source.ts';

/** Characters of an excerpt. */
const LONGEST = 200;
/** Findings about several rows that are about the reply, and not about the problem. */
const OF_REPLIES: ReadonlySet<FindingId> = new Set([
  'near-duplicate-reply',
  'answers-disagree',
  'length-outlier',
  'truncated',
]);

/** The examples, each with an excerpt: those about several rows are found without the texts, which are read again here. */
export async function withExcerpts(
  examples: ReadonlyMap<FindingId, readonly RowFinding[]>,
  source: ExaminedSource,
  signal: AbortSignal,
): Promise<ReadonlyMap<FindingId, readonly RowFinding[]>> {
  const bare = [...examples.values()]
    .flat()
    .filter(({ excerpt, finding }) => excerpt === undefined && finding !== 'not-examined');
  const missing = new Set(bare.map(({ id }) => id));
  const rows = new Map<string, ExaminedRow>();
  if (missing.size > 0) {
    for await (const { row } of source.rows(signal)) {
      if (!missing.delete(row.id) || 'reason' in row) continue;
      rows.set(row.id, row);
      if (missing.size === 0) break;
    }
  }
  const filled = (finding: RowFinding): RowFinding => {
    const excerpt = finding.excerpt ?? excerptOf(finding.finding, rows.get(finding.id));
    return excerpt === undefined ? finding : { ...finding, excerpt };
  };
  return new Map([...examples].map(([id, found]) => [id, found.map(filled)]));
}

function excerptOf(finding: FindingId, row: ExaminedRow | undefined): string | undefined {
  if (!row) return undefined;
  if (!OF_REPLIES.has(finding)) return row.problem === undefined ? undefined : oneLine(row.problem, LONGEST);
  const text = row.reply?.written ?? '';
  return finding === 'near-duplicate-reply' ? oneLine(text, LONGEST) : `…${text.slice(-LONGEST).replace(/\s+/g, ' ')}`;
}
