import { describe, expect, test } from 'vitest';
import { calibrationReport, reportCsv, reportMarkdown, scoresOf } from '../../../src/core/review/calibration/index.ts';
import type { Behaviour } from '../../../src/core/schemas/index.ts';
import { correctActs, planOf, population } from './population.ts';

const rate: Record<Behaviour, number> = { verification: 0.1, backtracking: 0.04, subgoal: 0.05, backward: 0 };
const people = population({ sentences: 1_000, rate, hit: 0.8, alarm: 0.4, detectors: ['rule', 'model'] }, 2);
const plan = planOf(people.frame, 100, 4);
const acts = correctActs(plan, people.truth);
const report = calibrationReport({ name: '1-r1', plan, acts });
const [rule] = report.detectors;
const kindOf = (kind: Behaviour) => rule?.kinds.find((score) => score.kind === kind);

describe('a report', () => {
  test('explains in plain words what the numbers mean', () => {
    expect(rule?.title).toBe('offline rules');
    expect(kindOf('verification')?.meaning).toMatch(
      /^Of 10 sentences marked as verification by the offline rules, (?:about \d+|anything between \d+ and \d+) are\. Of 10 that are verification, (?:about \d+|anything between \d+ and \d+) are found\./,
    );
  });

  test('reports unknown values instead of numbers', () => {
    const none = kindOf('backward');
    expect(none).toMatchObject({ precision: null, recall: null, f1: null });
    expect(none?.meaning).toContain('what is missed is unknown');
    const three = calibrationReport({ name: '1-r1', plan, acts: acts.slice(0, 12) }).detectors[0];
    const meanings = three?.kinds.map(({ meaning }) => meaning).join(' ');
    expect(meanings).toMatch(
      /anything between \d+ and \d+ (?:are|are found)\..* Too few cases for a narrow estimate\./,
    );
    const empty = calibrationReport({ name: '1-r1', plan, acts: [] });
    expect(empty.detectors[0]?.kinds.every(({ meaning }) => meaning === 'No labels yet.')).toBe(true);
  });

  test('excludes skipped sentences, and the others represent them', () => {
    const skipping = acts.map((act, i) =>
      i % 4 === 0 && act.act === 'label' ? { ...act, act: 'skip' as const } : act,
    );
    const partly = calibrationReport({ name: '1-r1', plan, acts: skipping });
    expect(partly).toMatchObject({ labelled: 75, skipped: 25 });
    const counts = partly.detectors[0]?.kinds[0]?.counts;
    expect(Object.values(counts ?? {}).reduce((a, b) => a + b, 0)).toBe(75);
  });

  test('compares only curators of the same plan', () => {
    const samePlan = { ...plan, reviewer: 'r2' };
    const other = { name: '2-r2', plan: samePlan, acts: correctActs(samePlan, people.truth).slice(0, 60) };
    const otherPlan = { name: '3-r3', plan: { ...samePlan, id: 'another-plan', reviewer: 'r3' }, acts: [] };
    const { agreement } = calibrationReport({ name: '1-r1', plan, acts }, [other, otherPlan]);
    expect(agreement).toHaveLength(1);
    expect(agreement[0]).toMatchObject({ reviewer: 'r2', sentences: 60, kappa: { verification: 1, backward: null } });
  });

  test('does not count chains that a classifier has not read', () => {
    const sentences = plan.sentences.map((sentence) => ({ ...sentence, marks: { rule: sentence.marks.rule ?? [] } }));
    const half = { ...plan, sentences: sentences.map((one, i) => (i < 50 ? one : (plan.sentences[i] ?? one))) };
    const model = calibrationReport({ name: '1-r1', plan: half, acts }).detectors.find(
      ({ detector }) => detector === 'model',
    );
    expect(Object.values(model?.kinds[0]?.counts ?? {}).reduce((a, b) => a + b, 0)).toBe(50);
  });

  test('is written as Markdown and CSV with a row for each classifier and kind', () => {
    expect(reportMarkdown(report).match(/^\| (?:verification|backtracking|subgoal|backward) \|/gm)).toHaveLength(8);
    const rows = reportCsv({ ...report, reviewer: '=cmd,"x"' })
      .trimEnd()
      .split('\r\n');
    expect(rows).toHaveLength(9);
    expect(rows[0]?.split(',')).toHaveLength(16);
    expect(rows[1]).toContain(`"'=cmd,""x"""`);
  });

  test('returns only the scores that were measured', () => {
    const { scores } = scoresOf(report);
    expect(scores.rule?.verification?.precision).toEqual(kindOf('verification')?.precision);
    expect(scores.rule?.backward).toBeUndefined();
  });
});
