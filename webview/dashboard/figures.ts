import * as Plot from '@observablehq/plot';
import { stageName } from '../../src/core/dataset/funnel/format.ts';
import { BEHAVIOURS } from '../../src/core/schemas/index.ts';
import { formatCount, formatPercent, plural } from '../../src/core/text/format.ts';
import type { DashboardReport, DashboardRound, Figure } from '../../src/protocol/dashboard.ts';

/** Colours of a picture: variables of the page, or those of a file. */
export interface Palette {
  ink: string;
  dim: string;
  bar: string;
  quiet: string;
}

export const PAGE: Palette = { ink: 'var(--ink)', dim: 'var(--dim)', bar: 'var(--blue)', quiet: 'var(--edge)' };
/** For white paper. */
export const PAPER: Palette = { ink: '#1f1f1f', dim: '#616161', bar: '#1a5fb4', quiet: '#9a9a9a' };

const WIDTH = 720;
/** Of the latest rounds; the CSV has all. */
const ROUNDS = 12;
const ROW = 22;

type Picture = SVGSVGElement | HTMLElement;
type Draw = (report: DashboardReport, round: DashboardRound | undefined, palette: Palette) => Picture | undefined;

/** The picture of a figure; undefined where there is nothing to draw. `round`: the one whose funnel is shown. */
export function drawFigure(
  figure: Figure,
  report: DashboardReport,
  round: DashboardRound | undefined,
  palette: Palette,
): SVGSVGElement | undefined {
  const svg = DRAW[figure](report, round, palette);
  if (!(svg instanceof SVGSVGElement)) return undefined;
  // Its style element has no nonce; the page has the same rules.
  for (const style of svg.querySelectorAll('style')) style.remove();
  // The picture has one name; its numbers are in tables and files.
  for (const part of svg.querySelectorAll('[aria-label], [aria-description]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-description');
  }
  svg.setAttribute('role', 'img');
  return svg;
}

/** A picture as the text of a file. */
export function svgFile(svg: SVGSVGElement): string {
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('font-family', 'system-ui, sans-serif');
  svg.setAttribute('font-size', '12');
  return `${new XMLSerializer().serializeToString(svg)}\n`;
}

const latest = ({ rounds }: DashboardReport): DashboardRound[] => rounds.slice(-ROUNDS);

const frame = (palette: Palette, rows: number, options: Plot.PlotOptions): Picture =>
  Plot.plot({
    width: WIDTH,
    height: Math.max(3, rows) * ROW + 64,
    marginBottom: 42,
    marginLeft: 150,
    marginRight: 60,
    style: { background: 'transparent', color: palette.ink, fontFamily: 'inherit', fontSize: '12px' },
    ...options,
  });

const funnel: Draw = (_, round, palette) => {
  const stages = (round?.funnel?.stages ?? []).map(({ stage, count }) => ({ stage: stageName(stage), count }));
  const isEmpty = stages.length === 0;
  stages.push({ stage: 'Accepted', count: round?.accepted ?? 0 });
  return isEmpty
    ? undefined
    : frame(palette, stages.length, {
        x: { label: null, ticks: 0, insetRight: 40 },
        y: { label: null, domain: stages.map(({ stage }) => stage) },
        marks: [
          Plot.barX(stages, { x: 'count', y: 'stage', fill: palette.bar }),
          Plot.text(stages, {
            x: 'count',
            y: 'stage',
            text: ({ count }) => formatCount(count),
            textAnchor: 'start',
            dx: 6,
            fill: palette.ink,
          }),
        ],
      });
};

const classes: Draw = (report, _, palette) => {
  const rows = latest(report).flatMap(({ round, classes: own }) =>
    own.map(({ class: name, passed, kept }) => ({ round, name, passed, kept })),
  );
  const rounds = new Set(rows.map(({ round }) => round)).size;
  return rows.length === 0
    ? undefined
    : frame(palette, rows.length + rounds, {
        x: { label: 'chains that passed the filters; pale: filtered out by the quota', grid: true },
        y: { label: null },
        fy: { label: null, domain: [...new Set(rows.map(({ round }) => round))] },
        marks: [
          Plot.barX(rows, { x: 'passed', y: 'name', fy: 'round', fill: palette.quiet, fillOpacity: 0.6 }),
          Plot.barX(rows, { x: 'kept', y: 'name', fy: 'round', fill: palette.bar }),
        ],
        marginRight: 120,
      });
};

const passRates: Draw = (report, _, palette) => {
  const rows = report.problems.map(({ problems, cells }, i) => ({ row: rowName(problems, i), cells }));
  const shown = latest(report).map(({ round }) => round);
  const cells = rows.flatMap(({ row, cells: own }) =>
    own
      .filter(({ round }) => shown.includes(round))
      .map(({ round, attempts, successes }) => ({ row, round, rate: successes / attempts })),
  );
  return cells.length === 0
    ? undefined
    : frame(palette, rows.length, {
        color: { type: 'linear', domain: [0, 1], scheme: 'viridis' },
        x: { label: null, domain: shown.filter((name) => cells.some(({ round }) => round === name)), axis: 'top' },
        y: { label: null, domain: rows.map(({ row }) => row) },
        marks: [
          Plot.cell(cells, { x: 'round', y: 'row', fill: 'rate', inset: 0.5 }),
          Plot.text(cells, {
            x: 'round',
            y: 'row',
            text: ({ rate }) => formatPercent(rate),
            fill: ({ rate }) => (rate < 0.6 ? 'white' : 'black'),
          }),
        ],
      });
};

/** The problem, or how many there are in the row. */
const rowName = (problems: readonly string[], index: number): string =>
  problems.length === 1 ? shortened(problems[0] ?? '') : `${index + 1}: ${plural(problems.length, 'problem')}`;

const shortened = (name: string, length = 20): string =>
  name.length > length ? `${name.slice(0, length - 1)}…` : name;

const lengths: Draw = (report, _, palette) => {
  const bins = latest(report).flatMap(({ round, lengths: own }) => own.map((bin) => ({ round, ...bin })));
  const rounds = [...new Set(bins.map(({ round }) => round))];
  return bins.length === 0
    ? undefined
    : frame(palette, rounds.length * 3, {
        x: { type: 'log', base: 2, label: 'completion tokens of a chain', tickFormat: (tokens) => formatCount(tokens) },
        y: { label: 'chains', grid: true, ticks: 2, insetTop: 8 },
        fy: { label: null, domain: rounds },
        marginRight: 120,
        marginLeft: 60,
        marks: [
          Plot.rect(bins, {
            x1: ({ from }) => Math.max(32, from),
            x2: 'to',
            y1: 0,
            y2: 'chains',
            fy: 'round',
            fill: palette.bar,
            inset: 0.5,
          }),
        ],
      });
};

const behaviours: Draw = (report, _, palette) => {
  const rounds = latest(report);
  const points = rounds.flatMap(({ round, behaviours: own }) =>
    BEHAVIOURS.flatMap((kind) => {
      const rate = own[kind];
      return rate === undefined ? [] : [{ round, kind, rate }];
    }),
  );
  return points.length === 0
    ? undefined
    : frame(palette, rounds.length * BEHAVIOURS.length * 0.8, {
        x: { label: 'acts per 1,000 tokens', grid: true, zero: true, insetRight: 40 },
        y: { label: null, domain: rounds.map(({ round }) => round) },
        fy: { label: null, domain: [...BEHAVIOURS] },
        marginRight: 110,
        marks: [
          Plot.barX(points, { x: 'rate', y: 'round', fy: 'kind', fill: palette.bar, insetTop: 3, insetBottom: 3 }),
          Plot.text(points, {
            x: 'rate',
            y: 'round',
            fy: 'kind',
            text: ({ rate }) => rate.toFixed(1),
            textAnchor: 'start',
            dx: 5,
            fill: palette.dim,
          }),
        ],
      });
};

/** Pairs of reviewers with most common chains; the CSV has all. */
const PAIRS = 20;

const reviewers: Draw = ({ reviewers: people, agreement }, _, palette) => {
  const rows = people.flatMap(({ reviewer, accepted, rejected }) => [
    { reviewer, decision: 'accepted', count: accepted },
    { reviewer, decision: 'rejected', count: rejected },
  ]);
  if (rows.length === 0) return undefined;
  const paced = people.flatMap(({ reviewer, perHour }) => (perHour === undefined ? [] : [{ reviewer, perHour }]));
  const pairs = [...agreement].sort((one, other) => other.chains - one.chains).slice(0, PAIRS);
  return stacked([
    twoBars(palette, rows, 'reviewer', 'decision', ['accepted', 'rejected'], people.length),
    ...(paced.length === 0 ? [] : [paces(palette, paced)]),
    ...(pairs.length === 0 ? [] : [agreements(palette, pairs)]),
  ]);
};

function paces(palette: Palette, rows: { reviewer: string; perHour: number }[]): Picture {
  return frame(palette, rows.length, {
    x: { label: 'decisions per hour', grid: true, ticks: 5, insetRight: 50 },
    y: { label: null, tickFormat: (name: string) => shortened(name) },
    marks: [
      Plot.barX(rows, { x: 'perHour', y: 'reviewer', fill: palette.bar, insetTop: 3, insetBottom: 3 }),
      Plot.text(rows, {
        x: 'perHour',
        y: 'reviewer',
        text: ({ perHour }) => formatCount(Math.round(perHour)),
        textAnchor: 'start',
        dx: 5,
        fill: palette.ink,
      }),
    ],
  });
}

function agreements(palette: Palette, pairs: DashboardReport['agreement']): Picture {
  const rows = pairs.map(({ chains, same, low, high }, pair) => ({ pair, share: same / chains, low, high }));
  const name = (pair: number): string => (pairs[pair]?.reviewers ?? []).map((one) => shortened(one, 10)).join(', ');
  return frame(palette, rows.length, {
    x: { label: 'share of the same decisions, with 90 % interval', domain: [0, 1], tickFormat: '%', grid: true },
    y: { label: null, domain: rows.map(({ pair }) => pair), tickFormat: name },
    marks: [
      Plot.ruleY(rows, { x1: 'low', x2: 'high', y: 'pair', stroke: palette.dim, strokeWidth: 3 }),
      Plot.dot(rows, { x: 'share', y: 'pair', fill: palette.bar, r: 5 }),
    ],
  });
}

/** Pictures below each other as one. */
function stacked(pictures: readonly Picture[]): SVGSVGElement {
  const whole = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  let height = 0;
  for (const picture of pictures) {
    picture.setAttribute('y', String(height));
    height += Number(picture.getAttribute('height'));
    whole.append(picture);
  }
  whole.setAttribute('viewBox', `0 0 ${WIDTH} ${height}`);
  for (const [name, size] of [
    ['width', WIDTH],
    ['height', height],
  ] as const)
    whole.setAttribute(name, String(size));
  return whole;
}

const costs: Draw = (report, _, palette) => {
  const rounds = latest(report).filter(({ calls }) => calls > 0);
  const rows = rounds.flatMap(({ round, promptTokens, completionTokens }) => [
    { round, tokens: 'prompt tokens', count: promptTokens },
    { round, tokens: 'completion tokens', count: completionTokens },
  ]);
  return rows.length === 0
    ? undefined
    : twoBars(palette, rows, 'round', 'tokens', ['prompt tokens', 'completion tokens'], rounds.length);
};

/** A bar of each row in each of two columns. */
function twoBars(palette: Palette, rows: Plot.Data, y: string, fx: string, domain: string[], length: number): Picture {
  return frame(palette, length, {
    x: { label: null, ticks: 3, tickFormat: (count) => formatCount(count), grid: true, insetRight: 50 },
    y: { label: null, tickFormat: (name: string) => shortened(name) },
    fx: { label: null, domain },
    marks: [
      Plot.barX(rows, { x: 'count', y, fx, fill: palette.bar }),
      Plot.text(rows, {
        x: 'count',
        y,
        fx,
        text: ({ count }: { count: number }) => formatCount(count),
        textAnchor: 'start',
        dx: 5,
        fill: palette.ink,
      }),
    ],
  });
}

const DRAW: Readonly<Record<Figure, Draw>> = {
  funnel,
  classes,
  'pass-rates': passRates,
  lengths,
  behaviours,
  reviewers,
  costs,
};
