import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MergeRow, mergeRows, SourceMarkers } from '../../../src/core/sampling/index.ts';

const markers = SourceMarkers.parse({});
const row = (id: string, problemId: string, text: string, problem = `What is ${problemId}?`): MergeRow => ({
  ...{ id, problemId, problem, text },
});

describe('mergeRows', () => {
  it('joins both sources, marks each problem with its source, and gives unique ids', () => {
    const { rows, left } = mergeRows(
      [row('1', 'p', 'chain')],
      [row('1', 'p', 'response'), row('2', 'q', 'other')],
      markers,
    );
    expect(rows.map(({ id, source, problem }) => [id, source, problem])).toEqual([
      ['dialogue/1', 'dialogue', `What is p?\n\n${markers.dialogue}`],
      ['sampling/1', 'sampling', `What is p?\n\n${markers.sampling}`],
      ['sampling/2', 'sampling', `What is q?\n\n${markers.sampling}`],
    ]);
    expect(left).toEqual([]);
  });

  it('replaces a row with a later row of the same id', () => {
    const { rows, left } = mergeRows([row('1', 'p', 'old'), row('1', 'p', 'new')], [], markers);
    expect(rows.map(({ text }) => text)).toEqual(['new']);
    expect(left).toMatchObject([{ row: { text: 'old' }, reason: 'replaced', by: 'dialogue/1' }]);
  });

  it('keeps a text once per problem, the chain before the response', () => {
    const { rows, left } = mergeRows(
      [row('1', 'p', 'same')],
      [row('1', 'p', ' same\n'), row('2', 'q', 'same')],
      markers,
    );
    expect(rows.map(({ id }) => id)).toEqual(['dialogue/1', 'sampling/2']);
    expect(left).toMatchObject([{ source: 'sampling', reason: 'duplicate', by: 'dialogue/1' }]);
  });

  it('excludes a row whose problem id has another text', () => {
    const { rows, left } = mergeRows(
      [row('1', 'p', 'chain', 'Find  $x$.')],
      [row('1', 'p', 'one', 'find $x$'), row('2', 'p', 'two', 'Find $y$.')],
      markers,
    );
    expect(rows.map(({ id }) => id)).toEqual(['dialogue/1', 'sampling/1']);
    expect(left).toMatchObject([{ row: { id: '2' }, reason: 'conflict', by: 'dialogue/1' }]);
  });

  it('marks a problem once, keeps other fields and keeps or reports every row', () => {
    const rows = fc.array(
      fc.record({
        id: fc.constantFrom('1', '2', '3'),
        problemId: fc.constantFrom('p', 'q'),
        problem: fc.constantFrom('One?', 'Two?'),
        text: fc.constantFrom('a', 'b', 'c'),
        extra: fc.nat(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(rows, rows, (dialogue, sampled) => {
        const merged = mergeRows(dialogue, sampled, markers);
        expect(merged.rows.length + merged.left.length).toBe(dialogue.length + sampled.length);
        expect(new Set(merged.rows.map(({ id }) => id)).size).toBe(merged.rows.length);
        for (const { problem, source } of merged.rows) expect(problem.split(markers[source])).toHaveLength(2);
        const again = mergeRows(
          merged.rows.filter(({ source }) => source === 'dialogue'),
          merged.rows.filter(({ source }) => source === 'sampling'),
          markers,
        );
        expect(again.rows.map(({ problem, extra }) => [problem, extra])).toEqual(
          merged.rows.map(({ problem, extra }) => [problem, extra]),
        );
      }),
    );
  });

  it('refuses two equal markers', () => {
    expect(SourceMarkers.safeParse({ dialogue: 'Solve.', sampling: ' Solve. ' }).error?.message).toMatch(/the same/);
  });
});
