// The tables of docs/design/closed-loop.md.

import type { EvaluationResult } from '../../src/core/evaluation/evaluation-plan.ts';
import { ratioInterval } from '../../src/core/evaluation/format.ts';
import { ARMS, type Compared, type Results } from './experiment.ts';

const percent = (share: number): string => (100 * share).toFixed(1);
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function scoreCells({ scores }: EvaluationResult): string[] {
  const { average, truncated, tokens, behaviours, wrongToRight } = scores;
  return [
    String(scores.problems),
    `${percent(average.value)} (${percent(average.low)} to ${percent(average.high)})`,
    percent(truncated.value),
    tokens.all.value.toFixed(1),
    behaviours ? behaviours.verification.toFixed(1) : '–',
    behaviours ? behaviours.backtracking.toFixed(1) : '–',
    wrongToRight ? percent(wrongToRight.value) : '–',
  ];
}

function comparedCells({ comparison: { test, ratio, inProblems } }: Compared): string[] {
  const { difference } = test;
  return [
    `${percent(difference.value)} (${percent(difference.low)} to ${percent(difference.high)})`,
    ratio ? ratioInterval(ratio) : '–',
    `${inProblems.toFixed(1)} of ${test.problems}`,
    test.p < 0.001 ? '< 0.001' : test.p.toFixed(3),
  ];
}

/** Scores of all arms and their comparisons, seed by seed, as Markdown. */
export function resultsTable(all: readonly Results[]): string {
  const sets = [
    ['', 'held-out problems'],
    ['-families', 'held-out families'],
  ] as const;
  const scores = all.flatMap(({ seed, evaluations }) =>
    sets.flatMap(([suffix, what]) =>
      ARMS.flatMap((arm) => {
        const found = evaluations[arm + suffix];
        return found ? [[String(seed), what, arm, ...scoreCells(found.result)]] : [];
      }),
    ),
  );
  const compared = all.flatMap(({ seed, comparisons }) =>
    Object.entries(comparisons).map(([name, one]) => [
      String(seed),
      name.replaceAll('-families', ' (families)'),
      ...comparedCells(one),
    ]),
  );
  return [
    table(
      [
        'seed',
        'set',
        'arm',
        'problems',
        'right, %',
        'truncated, %',
        'tokens',
        'verification',
        'backtracking',
        'wrong → right, %',
      ],
      scores,
    ),
    table(['seed', 'from, to', 'points', 'ratio', 'problems', 'p'], compared),
    table(
      ['seed', 'rows of the first set', 'of the merged set', 'of the control arm'],
      all.map(({ seed, rows }) => [seed, rows.direct, rows.merged, rows.control].map(String)),
    ),
  ].join('\n\n');
}
