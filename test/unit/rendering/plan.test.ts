// @vitest-environment happy-dom
import { render } from 'lit';
import { describe, expect, test } from 'vitest';
import { SamplingChoices } from '../../../src/core/sampling/index.ts';
import type { SamplingPlanReport } from '../../../src/protocol/sampling.ts';
import { notesView, tableView, totalsView } from '../../../webview/plan/table.ts';

const row = {
  ...{ problems: 10, samples: 130, requests: 65, promptTokens: 1000, completionTokens: 9000 },
  ...{ correct: 30, kept: 18, solved: 9 },
};

function report(rest: Partial<SamplingPlanReport> = {}): SamplingPlanReport {
  return {
    ...{ round: '3-sampling', model: { kind: 'starter', model: 'm' }, role: 'base', concurrency: 8, seed: 1 },
    settings: SamplingChoices.parse({}),
    response: { temperature: 1, topP: 1, maxTokens: 100 },
    ...{ problems: 10, dropped: [], covered: 2, coveredAfter: 9.4 },
    rate: { completionTokens: 50, from: 'guess' },
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
  const words = (element: Element) => element.textContent?.replace(/\s+/g, ' ').trim() ?? '';
  return {
    ...{ commands, totals, table },
    tile: (label: string) =>
      words(
        [...totals.querySelectorAll('.tile')].find((one) => one.querySelector('dt')?.textContent === label) ?? page,
      ),
    notes: [...notes.querySelectorAll('li')].map(words),
    cells: [...table.querySelectorAll('tr')].map((line) => [...line.querySelectorAll('th, td')].map(words)),
  };
}

describe('the page of a sampling plan', () => {
  test('says that cost and time are unknown while prices and rate are, and where prices are set', () => {
    const { tile, totals, commands, cells } = shown(report());
    expect(tile('cost')).toBe('unknown cost Set prices…');
    expect(tile('time')).toBe('unknown time no round of this model was timed yet');
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
    expect(cells[1]).toEqual(['0.2 – 0.5', '10', '130', '', '30', '18', '9', '65', '10,000', '0.0500', '2 h 2 min']);
  });

  test('says how many samples a request asks for', () => {
    expect(shown(report()).tile('requests')).toBe('65 requests 8 in flight, at most');
    const settings = SamplingChoices.parse({ samplesPerRequest: 4 });
    expect(shown(report({ settings })).tile('requests')).toBe('65 requests of 4 samples, at most');
  });

  test('says what it takes for problems that were never sampled, and nothing of it where there are none', () => {
    const said = (notes: string[]) => notes.filter((note) => note.includes('never sampled'));
    expect(said(shown(report()).notes)).toEqual([]);
    const { notes, cells } = shown(report({ buckets: [row] }));
    expect(said(notes)).toHaveLength(1);
    expect(said(notes)[0]).toMatch(/^10 problems were never sampled: every pass rate .* a budget ends it in time\.$/);
    expect(cells[1]?.[0]).toBe('never sampled');
  });

  test('says what ends it, and what it leaves out', () => {
    const dropped = [{ problemId: 'p', reason: 'not-worth-sampling' as const }];
    const { notes } = shown(report({ endedBy: 'money', dropped }));
    expect(notes).toContain('The budget of money ends the round before the policy does.');
    expect(notes.some((note) => note.startsWith('1 problem is left out') && note.endsWith('is below 5 %.'))).toBe(true);
  });
});
