import { describe, expect, test } from 'vitest';
import { FilterSettings } from '../../../src/core/schemas/index.ts';
import { formatProgress } from '../../../src/core/text/format.ts';
import type { PreflightCheck } from '../../../src/protocol/training.ts';
import { rowChecks } from '../../../src/trainers/preflight/row-checks.ts';
import { damageText, damageTotal } from '../../../src/verbs/dataset/damage.ts';
import { ImportReport } from '../../../src/verbs/dataset/import-report.ts';
import { countsOf } from '../../../src/verbs/dialogue/print.ts';
import { comparisonText } from '../../../src/verbs/grading/print.ts';
import type { VerbResult } from '../../../src/verbs/index.ts';
import { formatRefilter, refilterPage } from '../../../src/verbs/review/print.ts';
import { print as printTemplate } from '../../../src/verbs/training/check-template.ts';
import { print as printLog } from '../../../src/verbs/training/run-log.ts';

function refiltered(n: number, applied: boolean): VerbResult<'refilter'> {
  return {
    ...{ applied, settings: FilterSettings.parse({}), rejected: n, passed: 0, missing: n, seconds: 1 },
    rounds: [{ round: '1-a', chains: n, changed: n, passedBefore: n, passedAfter: n, quotaBefore: n, quotaAfter: n }],
    filters: [{ id: 'one-box', before: n, after: n, rejected: n, passed: 0, newlyRejected: [], newlyPassed: [] }],
    ...{ newlyRejected: [], newlyPassed: [] },
  };
}

const compared = (n: number): string =>
  comparisonText({
    ...{ a: 'a', b: 'b', matchedBy: 'id', rows: n, flipped: 0, flips: {}, listed: [] },
    ...{ onlyA: n, onlyB: n, otherGold: n },
  });

const rebuilt = (n: number): string =>
  countsOf({
    ...{ applied: false, settings: { untrained: [], keepPerProblem: 1, firstWrongShare: 50 } },
    ...{ chains: n, changed: n, texts: n, masks: n, passedBefore: n, passedAfter: n, reviewed: n, missing: n },
    ...{
      keptBefore: { FF: 0, FT: n, TF: 0, TT: 0 },
      keptAfter: { FF: 0, FT: n, TF: 0, TT: 0 },
      listed: [],
      seconds: 1,
    },
  });

const template = (n: number): string =>
  printTemplate({
    ...{ model: 'm', export: 'e', own: true, rows: n },
    findings: [{ kind: 'k', rows: n, message: 'Message.', advice: 'Advice.' }],
  });

/** All messages for `n` rows over the limit, `n` without a trained token, and one that fits. */
function checked(n: number): string[] {
  const row = { tokens: 10, trained: 5, first: 3 };
  const estimated = [row, ...Array.from({ length: n }, () => ({ tokens: 4000, trained: 5, first: 2 }))];
  const checks: PreflightCheck[] = [];
  const base = { kind: 'folder', path: '/m' } as const;
  rowChecks({ base, settings: { maxLength: 1024 }, rows: { estimated } }, { lengths: estimated }, checks);
  return checks.map(({ message }) => message);
}

function imported(n: number): string | undefined {
  let heard: string | undefined;
  const report = new ImportReport(1, {
    ...{ signal: new AbortController().signal, log: () => {}, endsBadly: () => {} },
    ...{ distFolder: '', mediaFolder: '', env: {} },
    progress: ({ message }) => {
      heard = message;
    },
    input: () => process.stdin,
    rows: () => process.stdout,
  });
  report.rows = n;
  report.end();
  return heard;
}

const damaged = (count: number) => ({ file: 'a.jsonl', count, lines: [{ line: 7, reason: 'r' }] });

describe.each([
  [0, '0 chains', '0 rows'],
  [1, '1 chain', '1 row'],
  [2, '2 chains', '2 rows'],
  [12345, '12,345 chains', '12,345 rows'],
])('texts with a count of %i', (n, chains, rows) => {
  const one = n === 1;

  test('have a separator and a noun that agrees', () => {
    const [gets, has] = one ? ['gets', 'has'] : ['get', 'have'];
    const renewed = (verb: string) => (n === 0 ? 'No change: 0 chains keep' : `${chains} ${verb} new results`);
    expect(formatRefilter(refiltered(n, false))).toContain(renewed(gets));
    expect(formatRefilter(refiltered(n, true))).toContain(renewed(has));
    expect(refilterPage(refiltered(n, false))).toContain(`${chains} passed before`);
    expect(compared(n)).toContain(`${rows}, matched by id`);
    expect(template(n)).toContain(`${rows} of e through`);
    expect(template(n)).toContain(`  ${rows}: Message.`);
    expect(imported(n)).toBe(rows);
    expect(formatProgress(n, 'rows')).toBe(rows);
    expect(printLog({ run: 'r', state: 'running', offset: n })).toContain(
      one ? 'has 1 byte so far' : `has ${rows.replace('rows', 'bytes')} so far`,
    );
  });

  test('have a verb that agrees', () => {
    if (n === 0) return;
    expect(compared(n)).toContain(`${rows} ${one ? 'is' : 'are'} only in A.`);
    expect(compared(n)).toContain(`${rows} ${one ? 'has' : 'have'} another gold in B.`);
    expect(rebuilt(n)).toContain(`${chains} ${one ? 'keeps its' : 'keep their'} text`);
    expect(formatRefilter(refiltered(n, true))).toMatch(one ? /1 problem is missing/ : /problems are missing/);
    expect(damageText(damaged(n))).toContain(one ? 'Line 7 of a.jsonl' : `${rows.replace('row', 'line')} of a.jsonl`);
    expect(damageTotal([damaged(n), { ...damaged(0), whole: 'r' }])).toBe('2 files can’t be read in whole or in part');
  });

  test('of a preflight have both', () => {
    const messages = checked(n).join('\n');
    const of = (n + 1).toLocaleString('en');
    expect(messages).toBe(
      n === 0
        ? ''
        : `${n.toLocaleString('en')} of ${of} rows longer than 1,024 tokens: truncated, without the final answer.`,
    );
  });
});

test('a unit that is a symbol has no plural', () => {
  expect(formatProgress(1, 's')).toBe('1 s');
  expect(formatProgress(1240, 's')).toBe('1,240 s');
});
