// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import { SamplingChoices } from '../../../src/core/sampling/index.ts';
import type { SamplingPlanReport } from '../../../src/protocol/sampling.ts';
import { evidenceView, notesView, tableView, totalsView } from '../../../webview/plan/table.ts';

const row = {
  problems: 10,
  samples: 130,
  requests: 65,
  promptTokens: 1000,
  completionTokens: 9000,
  correct: 30,
  kept: 18,
  solved: 9,
};

const HOSTED = { kind: 'openai' as const, baseURL: 'https://models.example/v1', model: 'm' };

function report(rest: Partial<SamplingPlanReport> = {}): SamplingPlanReport {
  return {
    round: '3-sampling',
    model: HOSTED,
    role: 'base',
    concurrency: 8,
    seed: 1,
    settings: SamplingChoices.parse({}),
    response: { temperature: 1, topP: 1, maxTokens: 100 },
    problems: 10,
    dropped: [],
    covered: 2,
    coveredAfter: 9.4,
    rate: { completionTokens: 50, from: 'guess' },
    evidence: { sampled: 8, basis: 'flat', problems: 8, samples: 16, restsOnPrior: false },
    interval: { coveredAfter: { low: 3, high: 10 }, kept: { low: 2, high: 20 }, samples: { low: 20, high: 1110 } },
    buckets: [{ ...row, from: 0, to: 0.05 }],
    total: row,
    ...rest,
  };
}

function shown(given: SamplingPlanReport) {
  const page = document.createElement('div');
  const commands: string[] = [];
  const place = (view: Parameters<typeof render>[0]): HTMLElement => {
    const part = page.appendChild(document.createElement('div'));
    render(view, part);
    return part;
  };
  const totals = place(totalsView(given, (name) => commands.push(name)));
  const notes = place(notesView(given));
  const table = place(tableView(given));
  const textOf = (element: Element) => element.textContent?.replace(/\s+/g, ' ').trim() ?? '';
  return {
    commands,
    totals,
    table,
    tile: (label: string) =>
      textOf(
        [...totals.querySelectorAll('.tile')].find((one) => one.querySelector('dt')?.textContent === label) ?? page,
      ),
    notes: [...notes.querySelectorAll('li')].map(textOf),
    cells: [...table.querySelectorAll('tr')].map((line) => [...line.querySelectorAll('th, td')].map(textOf)),
  };
}

describe('the page of a sampling plan', () => {
  test('shows unknown cost and time without prices and rate, and where to set prices', () => {
    const { tile, totals, commands, cells } = shown(report());
    expect(tile('cost')).toBe('unknown cost Set prices…');
    expect(tile('time')).toBe('unknown time this model has no finished round');
    totals.querySelector<HTMLElement>('button.link')?.click();
    expect(commands).toEqual(['setPrices']);
    expect(cells[0]).not.toContain('Cost');
    expect(cells[0]).not.toContain('Time');
  });

  test('shows cost and time of each bucket where both are known', () => {
    const known = { ...row, cost: 0.05, seconds: 7300 };
    const rate = { completionTokens: 50, tokensPerSecond: 40, from: 'sampling' as const, round: '2-sampling' };
    const { tile, cells } = shown(report({ total: known, buckets: [{ ...known, from: 0.2, to: 0.5 }], rate }));
    expect(tile('cost')).toContain('0.0500');
    expect(tile('time')).toBe('2 h 2 min time at 40 tokens/s, as in 2-sampling');
    expect(cells[1]).toEqual(['0.2 – 0.5', '10', '130', '', '30', '18', '9', '1K', '9K', '0.0500', '2 h 2 min']);
  });

  test('shows the samples per request', () => {
    expect(shown(report()).tile('requests')).toBe('65 requests 8 in flight, at most');
    const settings = SamplingChoices.parse({ samplesPerRequest: 4 });
    const { tile, cells } = shown(report({ settings }));
    expect(tile('requests')).toBe('65 requests of at most 4 samples');
    expect(cells[1]?.slice(-3)).toEqual(['65', '1K', '9K']);
  });

  test('marks what rests on the prior, with intervals, and offers a pilot', () => {
    const evidence = { sampled: 0, basis: 'flat' as const, problems: 0, samples: 0, restsOnPrior: true };
    const given = report({ evidence, buckets: [{ ...row, kind: 'not-sampled' }] });
    const { tile, cells } = shown(given);
    expect(tile('problems solved')).toMatch(
      /^2 → ≈ 9\.4 problems solved of 10, in any round; 3 to 10 \(90 % interval\)$/,
    );
    expect(cells[1]).toEqual(['not sampled', '10', '≈ 130', '', '≈ 30', '≈ 18', '≈ 9', '≈ 1K', '≈ 9K']);
    expect(cells[2]).toEqual(['All', '10', '≈ 130', '', '≈ 30', '≈ 18', '≈ 9', '≈ 1K', '≈ 9K']);
    expect(tile('correct, kept')).toContain('≈ 30 correct in all');
    expect([tile('requests'), tile('tokens')].map((text) => text.slice(0, 2))).toEqual(['≈ ', '≈ ']);
    const priced = shown(report({ evidence, total: { ...row, cost: 0.5, seconds: 60 } }));
    expect([priced.tile('cost'), priced.tile('time')].map((text) => text.slice(0, 2))).toEqual(['≈ ', '≈ ']);
    const chosen: (number | undefined)[] = [];
    const part = document.createElement('div');
    render(
      evidenceView(given, undefined, (pilot) => chosen.push(pilot)),
      part,
    );
    expect(part.textContent).toContain('≈ estimated from the prior: 0 of 10 problems sampled');
    part.querySelector('button')?.click();
    render(
      evidenceView(given, 20, (pilot) => chosen.push(pilot)),
      part,
    );
    part.querySelector('button')?.click();
    expect(chosen).toEqual([20, undefined]);
  });

  test('has no mark for a measured model, and names the source', () => {
    const evidence = { sampled: 20, basis: 'measured' as const, problems: 20, samples: 80, restsOnPrior: false };
    const { notes, tile } = shown(report({ evidence }));
    expect(tile('problems solved')).not.toContain('≈');
    expect(notes).toContain(
      'Pass rates of problems that were not sampled are estimated from 80 samples of 20 problems.',
    );
  });

  test('shows no unknown cost for a model on this machine', () => {
    expect(shown(report({ model: { kind: 'starter', model: 'm' } })).tile('cost')).toMatch(/^none \(local\) cost/);
  });

  test('shows what ends it, and what it skips', () => {
    const dropped = [{ problemId: 'p', reason: 'not-worth-sampling' as const }];
    const { notes } = shown(report({ endedBy: 'money', dropped }));
    expect(notes).toContain('The budget of money ends the round before the policy does.');
    expect(notes.some((note) => note.startsWith('1 problem is skipped') && note.endsWith('is below 5 %.'))).toBe(true);
  });
});
