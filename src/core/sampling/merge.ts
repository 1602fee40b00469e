import { normaliseProblemText } from '../importing/index.ts';
import type { SourceMarkers } from './settings.ts';

export type MergeSource = keyof SourceMarkers;

/** A stage-1 chain or a stage-2 response, as far as merging is concerned. */
export interface MergeRow {
  /** Unique within its source. */
  id: string;
  problemId: string;
  problem: string;
  /** The response that is trained. */
  text: string;
}

/** A row of the merged set: `id` is unique in it, and the problem carries the marker of its source. */
export type MergedRow<R extends MergeRow> = R & { source: MergeSource };

export interface Merge<R extends MergeRow> {
  rows: MergedRow<R>[];
  /**
   * What was left out: `replaced` by a later row of the same id, `duplicate` text for the same problem, or `conflict`: the problem's
   * text is not the one that the first row has.
   */
  left: { row: R; source: MergeSource; reason: 'replaced' | 'duplicate' | 'conflict'; by: string }[];
}

/**
 * D = stage-1 chains ∪ stage-2 responses. First all chains, then all responses, each in their own order. Rules: ids become
 * `<source>/<id>`, so that the two sources can't collide; within a source a later row replaces an earlier one of the same id, as
 * everywhere in the dataset; a text that already stands for the problem is left out; a row whose problem reads differently under the
 * same problem id is left out, since one of the two is wrong. A problem that ends with the marker is not marked twice.
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
