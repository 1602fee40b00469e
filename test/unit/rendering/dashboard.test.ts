// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import type { DashboardReport } from '../../../src/protocol/dashboard.ts';
import { DashboardPage } from '../../../webview/dashboard/app.ts';
import { drawFigure, PAPER, svgFile } from '../../../webview/dashboard/figures.ts';

const LONG = 'a-reviewer-with-a-name-of-many-letters';
const REPORT: DashboardReport = {
  dataset: 'sums',
  rounds: [],
  problems: [],
  reviewers: [
    { reviewer: 'Ada', accepted: 12, rejected: 3, skipped: 0, perHour: 41.6 },
    { reviewer: LONG, accepted: 2, rejected: 1, skipped: 0 },
  ],
  agreement: [{ reviewers: ['Ada', LONG], chains: 3, same: 2, low: 0.2, high: 0.95, kappa: null }],
};

const texts = (svg: Element | undefined): string[] =>
  [...(svg?.querySelectorAll('text') ?? [])].map(({ textContent }) => textContent ?? '');

test('the picture of reviewers has decisions, pace, and agreement with its interval', () => {
  const svg = drawFigure('reviewers', REPORT, undefined, PAPER);
  expect(texts(svg)).toEqual(expect.arrayContaining(['12', '42', 'Ada', 'Ada, a-reviewe…', 'a-reviewer-with-a-n…']));
  expect(texts(svg).join(' ')).toContain('decisions per hour');
  const interval = svg?.querySelector('[stroke-width="3"] line');
  const [from, to] = ['x1', 'x2'].map((end) => Number(interval?.getAttribute(end)));
  const dot = svg?.querySelector('circle');
  const share = Number(dot?.getAttribute('cx') ?? Number.NaN);
  expect(from).toBeLessThan(share);
  expect(share).toBeLessThan(Number(to));
  // The parts are below each other.
  const parts = [...(svg?.children ?? [])].map((part) => Number(part.getAttribute('y')));
  expect(parts).toHaveLength(3);
  expect(parts).toEqual([...parts].sort((a, b) => a - b));
  expect(svg && svgFile(svg)).toContain('42');
});

test('the picture of reviewers has no empty parts', () => {
  const alone = { ...REPORT, reviewers: REPORT.reviewers.slice(1), agreement: [] };
  expect(drawFigure('reviewers', alone, undefined, PAPER)?.children).toHaveLength(1);
  expect(drawFigure('reviewers', { ...alone, reviewers: [] }, undefined, PAPER)).toBeUndefined();
});

test('the page shows pace and agreement as text', () => {
  const root = document.createElement('div');
  new DashboardPage(root, () => undefined).show(REPORT);
  const section = root.querySelector('[aria-labelledby="title-reviewers"]')?.textContent ?? '';
  expect(section).toContain(`Ada and ${LONG} agree on 2 of 3 chains: 66.7 % (20.0 % to 95.0 %).`);
  expect(section).toMatch(/42/);
});
