import { ticks } from '../maths/ticks.ts';
import { formatCount, formatLoss, formatMeasure } from '../text/format.ts';
import { svgNumber as digits, svgEscaped, svgText as text } from '../text/svg.ts';
import { type CurvePoint, type RunCurve, thinPoints } from './curve.ts';

/** Positions of the steps in a picture, for a page that shows the values at the pointer. */
export interface StepScale {
  /** Width of the picture in its own units. */
  width: number;
  left: number;
  /** Units per step. */
  unit: number;
  lastStep: number;
}

export interface DrawnRun {
  name: string;
  curve: RunCurve;
}

const WIDTH = 720;
const LEFT = 58;
const RIGHT = 28;
const BAND = WIDTH - LEFT - RIGHT;
const HEAD = 34;
const LEGEND = 20;
const GAP = 30;
const FOOT = 62;
/** Space below a panel for the marks of checkpoints. */
const STRIP = 12;
/** Maximum points per line. */
const MOST_POINTS = 1200;
/** The number of colours; each also has its own dashes. */
export const MOST_RUNS = 6;

interface Panel {
  title: string;
  height: number;
  value: (point: CurvePoint) => number | undefined;
}

const LOSS: Panel = { title: 'Loss', height: 220, value: ({ loss }) => loss };
const PANELS: readonly Panel[] = [
  LOSS,
  { title: 'Learning rate', height: 70, value: ({ lr }) => lr },
  { title: 'Gradient norm', height: 70, value: ({ gradNorm }) => gradNorm },
];

/**
 * Loss (thin: reported, thick: smoothed), learning rate and gradient norm by step as an SVG; several runs are drawn over each other.
 * Triangles are checkpoints (empty: not kept), vertical lines are resumes, dotted lines are steps that were repeated after them.
 */
export function lossPicture(title: string, all: readonly DrawnRun[]): string {
  const runs = all.slice(0, MOST_RUNS).map(({ name, curve }) => ({ name, curve: thinCurve(curve) }));
  const panels = PANELS.filter((panel) =>
    runs.some(({ curve }) => pointsOf(curve).some((one) => panel.value(one) !== undefined)),
  );
  const top = HEAD + (runs.length > 1 ? runs.length * LEGEND : 0);
  const height = top + panels.reduce((sum, panel) => sum + panel.height + GAP, 0) + FOOT;
  const steps = stepTicks(runs);
  const { unit } = stepScale(runs);
  const x = (step: number): number => LEFT + step * unit;
  let y = top;
  const drawn = panels.flatMap((panel) => {
    y += GAP;
    const parts = panelParts(panel, runs, { x, top: y, steps });
    y += panel.height;
    return parts;
  });
  const label = [title, ...runs.map(summary)].join('. ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${svgEscaped(label)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="4"/>`,
    text(16, 24, 'title', title),
    ...(runs.length > 1 ? runs.flatMap(legend) : []),
    ...drawn,
    ...(panels.length === 0
      ? [text(LEFT, top + 20, '', 'No loss reported yet.')]
      : [
          ...steps.map((step) => text(x(step), y + 16, 'middle', formatCount(step))),
          text(WIDTH - RIGHT, y + 32, 'end', 'step'),
          ...markerLegend(runs, y + 52),
        ]),
    '</svg>\n',
  ].join('\n');
}

const stepTicks = (runs: readonly DrawnRun[]): number[] =>
  ticks(0, Math.max(1, ...runs.map(({ curve }) => lastStep(curve))), 6).filter(Number.isInteger);

/** The step positions of `lossPicture` for the same runs. */
export function stepScale(runs: readonly DrawnRun[]): StepScale {
  const drawn = runs.slice(0, MOST_RUNS);
  const lastTick = stepTicks(drawn).at(-1) ?? 1;
  return {
    width: WIDTH,
    left: LEFT,
    unit: BAND / lastTick,
    lastStep: Math.max(0, ...drawn.map(({ curve }) => lastStep(curve))),
  };
}

const STYLE = [
  'svg{color:var(--vscode-foreground,#3b3b3b);font:12px var(--vscode-font-family,system-ui,sans-serif)}',
  '.ground{fill:var(--vscode-editor-background,#ffffff);stroke:currentColor;stroke-opacity:.2}',
  '@media (prefers-color-scheme:dark){svg{color:var(--vscode-foreground,#cccccc)}.ground{fill:var(--vscode-editor-background,#1f1f1f)}}',
  'text{fill:currentColor}.title{font-size:14px;font-weight:600}.name{font-weight:600}.middle{text-anchor:middle}.end{text-anchor:end}',
  '.grid{stroke:currentColor;stroke-opacity:.15}.resume{stroke:currentColor;stroke-opacity:.7;stroke-dasharray:5 3}',
  '.raw,.smooth,.undone,.key{fill:none;stroke:var(--line);stroke-linejoin:round}.raw{stroke-opacity:.55}.smooth,.key{stroke-width:2.2}',
  '.undone{stroke-opacity:.7;stroke-dasharray:1.5 3}.dot{fill:var(--line)}.eval{fill:none;stroke:var(--line);stroke-width:1.5}.saved{fill:currentColor}.gone{fill:none;stroke:currentColor;stroke-opacity:.5}',
  '.r0{--line:var(--vscode-charts-blue,#3794ff)}.r1{--line:var(--vscode-charts-orange,#d18616)}.r2{--line:var(--vscode-charts-green,#3a9d4e)}',
  '.r3{--line:var(--vscode-charts-purple,#a371d6)}.r4{--line:var(--vscode-charts-red,#e5484d)}.r5{--line:var(--vscode-charts-yellow,#b89500)}',
  '.r1 .smooth,.r1 .key{stroke-dasharray:7 3}.r2 .smooth,.r2 .key{stroke-dasharray:2 2}.r3 .smooth,.r3 .key{stroke-dasharray:9 3 2 3}',
  '.r4 .smooth,.r4 .key{stroke-dasharray:12 4}.r5 .smooth,.r5 .key{stroke-dasharray:4 4}',
].join('');

interface Place {
  x: (step: number) => number;
  top: number;
  steps: readonly number[];
}

function panelParts(panel: Panel, runs: readonly DrawnRun[], { x, top, steps }: Place): string[] {
  const { title, height, value } = panel;
  const values = runs.flatMap(({ curve }) => [
    ...pointsOf(curve).flatMap((point) => (panel === LOSS ? [point.loss, point.smoothed] : [value(point)])),
    ...(panel === LOSS ? curve.evaluations.map(({ loss }) => loss) : []),
  ]);
  const marks = ticks(...rangeOf(values), height > 100 ? 5 : 2);
  const low = marks[0] ?? 0;
  const high = marks.at(-1) ?? 1;
  const foot = top + height - STRIP;
  const y = (of: number): number => foot - ((of - low) / (high - low || 1)) * (foot - top);
  const line = (kind: string, points: readonly CurvePoint[], of: Panel['value']): string[] => {
    const places = points.flatMap((point) => {
      const at = of(point);
      return at === undefined ? [] : [{ x: digits(x(point.step)), y: digits(y(at)) }];
    });
    const only = places[0];
    if (only === undefined) return [];
    if (places.length === 1) return [`<circle class="dot" cx="${only.x}" cy="${only.y}" r="2.5"/>`];
    return [`<polyline class="${kind}" points="${places.map((at) => `${at.x},${at.y}`).join(' ')}"/>`];
  };
  return [
    text(LEFT, top - 9, 'name', title),
    ...marks.flatMap((mark) => [
      `<line class="grid" x1="${LEFT}" y1="${digits(y(mark))}" x2="${WIDTH - RIGHT}" y2="${digits(y(mark))}"/>`,
      text(LEFT - 6, y(mark) + 4, 'end', tickName(mark)),
    ]),
    ...steps.map(
      (step) => `<line class="grid" x1="${digits(x(step))}" y1="${top}" x2="${digits(x(step))}" y2="${top + height}"/>`,
    ),
    ...runs.flatMap(({ curve }, i) => [
      `<g class="r${i}">`,
      ...curve.undone.flatMap((points) => line('undone', points, value)),
      ...line(panel === LOSS ? 'raw' : 'smooth', curve.points, value),
      ...(panel === LOSS ? line('smooth', curve.points, ({ smoothed }) => smoothed) : []),
      ...(panel === LOSS
        ? curve.evaluations.map(
            ({ step, loss }) => `<circle class="eval" cx="${digits(x(step))}" cy="${digits(y(loss))}" r="3.5"/>`,
          )
        : []),
      ...(panel === LOSS ? events(curve, x, top, height) : []),
      '</g>',
    ]),
  ];
}

function events({ resumes, checkpoints }: RunCurve, x: Place['x'], top: number, height: number): string[] {
  const foot = top + height;
  return [
    ...resumes.flatMap((step) => {
      const label = step === 0 ? 'Restarted' : `Resumed at step ${formatCount(step)}`;
      const late = x(step) > WIDTH - 160;
      return [
        `<line class="resume" x1="${digits(x(step))}" y1="${top}" x2="${digits(x(step))}" y2="${foot}"/>`,
        text(x(step) + (late ? -5 : 5), top + 12, late ? 'end' : '', label),
      ];
    }),
    ...checkpoints.map(({ step, gone }) => {
      const at = x(step);
      const label = `Checkpoint at step ${formatCount(step)}${gone ? ', not kept' : ''}`;
      return `<path class="${gone ? 'gone' : 'saved'}" d="M${digits(at - 4)} ${foot + 1}h8l-4 -7z"><title>${label}</title></path>`;
    }),
  ];
}

/** The legend of the marks that occur. */
function markerLegend(runs: readonly DrawnRun[], y: number): string[] {
  const some = (has: (curve: RunCurve) => boolean): boolean => runs.some(({ curve }) => has(curve));
  const at = (x: number) => ({
    line: (kind: string) =>
      `<g class="r0"><line class="${kind}" x1="${x}" y1="${y - 4}" x2="${x + 18}" y2="${y - 4}"/></g>`,
    triangle: (kind: string) => `<path class="${kind}" d="M${x + 5} ${y}h8l-4 -7z"/>`,
    ring: () => `<g class="r0"><circle class="eval" cx="${x + 9}" cy="${y - 4}" r="3.5"/></g>`,
  });
  const entries: [boolean, string, (x: number) => string][] = [
    [some(({ points }) => points.length > 1), 'loss', (x) => at(x).line('raw')],
    [some(({ points }) => points.length > 1), 'smoothed', (x) => at(x).line('smooth')],
    [some(({ evaluations }) => evaluations.length > 0), 'evaluation loss', (x) => at(x).ring()],
    [some(({ checkpoints }) => checkpoints.some(({ gone }) => !gone)), 'checkpoint', (x) => at(x).triangle('saved')],
    [
      some(({ checkpoints }) => checkpoints.some(({ gone }) => gone === true)),
      'checkpoint, not kept',
      (x) => at(x).triangle('gone'),
    ],
    [some(({ resumes }) => resumes.length > 0), 'resumed', (x) => at(x).line('resume')],
    [some(({ undone }) => undone.length > 0), 'repeated steps', (x) => at(x).line('undone')],
  ];
  let x = 16;
  return entries.flatMap(([occurs, label, mark]) => {
    if (!occurs) return [];
    const parts = [mark(x), text(x + 24, y, '', label)];
    x += 24 + label.length * 6.4 + 18;
    return parts;
  });
}

function legend({ name }: DrawnRun, i: number): string[] {
  const y = HEAD + i * LEGEND + 10;
  return [`<g class="r${i}"><line class="key" x1="16" y1="${y}" x2="48" y2="${y}"/></g>`, text(56, y + 4, '', name)];
}

/** Minimum and maximum of the known values, widened if they are equal. */
function rangeOf(values: readonly (number | undefined)[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === undefined) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (low < high) return [low, high];
  const room = Math.abs(low) / 2 || 1;
  return [low - room, high + room];
}

const pointsOf = ({ points, undone }: RunCurve): CurvePoint[] => [...undone.flat(), ...points];

/** Of the drawn points, so that a training at its start fills the picture. */
const lastStep = (curve: RunCurve): number =>
  Math.max(...curve.checkpoints.map(({ step }) => step), ...pointsOf(curve).map(({ step }) => step), 0);

function thinCurve(curve: RunCurve): RunCurve {
  return {
    ...curve,
    points: thinPoints(curve.points, MOST_POINTS),
    undone: curve.undone.map((points) => thinPoints(points, MOST_POINTS)),
  };
}

const tickName = (value: number): string => formatMeasure(value, 6);

function summary({ name, curve }: DrawnRun): string {
  const first = curve.points.find(({ loss }) => loss !== undefined);
  const last = curve.points.findLast(({ loss }) => loss !== undefined);
  if (first?.loss === undefined || last?.loss === undefined) return `${name}: no loss yet`;
  const of = curve.total === undefined ? '' : ` of ${formatCount(curve.total)}`;
  return `${name}: step ${formatCount(curve.step ?? last.step)}${of}, loss ${formatLoss(first.loss)} at step ${formatCount(first.step)}, ${formatLoss(last.loss)} at step ${formatCount(last.step)}`;
}
