import type { RowFinding } from '../../core/examine/finding.ts';
import type { FindingId } from '../../core/examine/kinds.ts';
import type { ExaminedRow } from '../../core/examine/row.ts';
import { hideSensitive } from '../../core/examine/sensitive.ts';
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
  const missing = new Set(bare.map(placeOf));
  const rows = new Map<string, ExaminedRow>();
  if (missing.size > 0) {
    for await (const { row } of source.rows(signal)) {
      if (!missing.delete(placeOf(row)) || 'reason' in row) continue;
      rows.set(placeOf(row), row);
      if (missing.size === 0) break;
    }
  }
  const filled = (finding: RowFinding): RowFinding => {
    const excerpt = finding.excerpt ?? excerptOf(finding.finding, rows.get(placeOf(finding)));
    return excerpt === undefined ? finding : { ...finding, excerpt };
  };
  return new Map([...examples].map(([id, found]) => [id, found.map(filled)]));
}

/** Rows of a file may have the same id. */
const placeOf = ({ id, line = 0 }: Pick<RowFinding, 'id' | 'line'>): string => `${line} ${id}`;

function excerptOf(finding: FindingId, row: ExaminedRow | undefined): string | undefined {
  const ofReply = OF_REPLIES.has(finding);
  const text = ofReply ? (row?.reply?.written ?? '') : row?.problem;
  if (row === undefined || text === undefined) return undefined;
  if (!ofReply || finding === 'near-duplicate-reply') return oneLine(hideSensitive(text), LONGEST);
  const end = hideSensitive(text, Math.max(0, text.length - LONGEST));
  return `…${end.replace(/\s+/g, ' ')}`;
}
