import { normaliseProblemText } from '../dataset/index.ts';
import type { SourceMarkers } from './settings.ts';

export type MergeSource = keyof SourceMarkers;

/** A stage-1 chain or a stage-2 response. */
export interface MergeRow {
  id: string;
  problemId: string;
  problem: string;
  /** The trained response. */
  text: string;
}

export interface Merge<R extends MergeRow> {
  /** `id` is unique, and the problem has the marker of its source. */
  rows: (R & { source: MergeSource })[];
  /** Rows that are not merged: `replaced` by a later row with the same id, a `duplicate` text, or in `conflict` with the problem's first text. */
  left: { row: R; source: MergeSource; reason: 'replaced' | 'duplicate' | 'conflict'; by: string }[];
}

/**
 * D = stage-1 chains ∪ stage-2 responses, chains first, each in their order. Ids become `<source>/<id>`. Within a source a later row
 * replaces an earlier one with the same id. Repeated texts of a problem and rows with another text under the same problem id are excluded.
 * A problem that ends with the marker is not marked twice.
 */
export function mergeRows<R extends MergeRow>(
  dialogue: readonly R[],
  sampled: readonly R[],
  markers: SourceMarkers,
): Merge<R> {
  const merge: Merge<R> = { rows: [], left: [] };
  const problems = new Map<string, { text: string; by: string }>();
  const texts = new Map<string, string>();
  const sources: [MergeSource, readonly R[]][] = [
    ['dialogue', dialogue],
    ['sampling', sampled],
  ];
  for (const [source, rows] of sources) {
    const latest = new Map(rows.map((row) => [row.id, row]));
    for (const row of rows) {
      const id = `${source}/${row.id}`;
      const leave = (reason: Merge<R>['left'][number]['reason'], by: string): void => {
        merge.left.push({ row, source, reason, by });
      };
      if (latest.get(row.id) !== row) {
        leave('replaced', id);
        continue;
      }
      const bare = unmarked(row.problem, markers[source]);
      const form = normaliseProblemText(bare);
      const first = problems.get(row.problemId) ?? { text: form, by: id };
      problems.set(row.problemId, first);
      const key = JSON.stringify([row.problemId, row.text.trim()]);
      const same = texts.get(key);
      if (first.text !== form) leave('conflict', first.by);
      else if (same !== undefined) leave('duplicate', same);
      else {
        texts.set(key, id);
        merge.rows.push({ ...row, id, source, problem: `${bare}\n\n${markers[source]}` });
      }
    }
  }
  return merge;
}

function unmarked(problem: string, marker: string): string {
  const text = problem.trimEnd();
  return text.endsWith(marker) ? text.slice(0, -marker.length).trimEnd() : text;
}
