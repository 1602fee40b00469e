import { ticks } from '../maths/ticks.ts';
import { svgNumber as digits, svgEscaped, svgText as text } from '../text/svg.ts';
import { type CurvePoint, type RunCurve, thinPoints } from './curve.ts';

/** A run as it is drawn beside others. */
export interface DrawnRun {
  name: string;
  curve: RunCurve;
}

const WIDTH = 720;
const LEFT = 58;
const RIGHT = 16;
const BAND = WIDTH - LEFT - RIGHT;
const HEAD = 34;
const LEGEND = 20;
const GAP = 30;
const FOOT = 40;
/** More points than this can't be seen on so many pixels. */
const MOST_POINTS = 1200;
/** As many as there are colours, which are told apart by their dashes as well. */
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
 * Loss (thin: as told; thick: smoothed), learning rate and gradient norm by step, as an SVG of its own; several runs lie over each other.
 * Triangles are checkpoints, empty ones those that are not kept, upright lines the steps from which a later attempt went on, dotted lines what was done again after it.
 */
export function lossPicture(title: string, all: readonly DrawnRun[]): string {
  const runs = all.slice(0, MOST_RUNS).map(({ name, curve }) => ({ name, curve: thinCurve(curve) }));
  const panels = PANELS.filter((panel) =>
    runs.some(({ curve }) => pointsOf(curve).some((one) => panel.value(one) !== undefined)),
  );
  const top = HEAD + (runs.length > 1 ? runs.length * LEGEND : 0);
  const height = top + panels.reduce((sum, panel) => sum + panel.height + GAP, 0) + FOOT;
  const steps = ticks(0, Math.max(1, ...runs.map(({ curve }) => lastStep(curve))), 6).filter(Number.isInteger);
  const x = (step: number): number => LEFT + (step / (steps.at(-1) ?? 1)) * BAND;
  let y = top;
  const drawn = panels.flatMap((panel) => {
    y += GAP;
    const parts = panelParts(panel, runs, { x, top: y, steps });
    y += panel.height;
    return parts;
  });
  const said = [title, ...runs.map(summary)].join('. ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${svgEscaped(said)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="4"/>`,
    text(16, 24, 'title', title),
    ...(runs.length > 1 ? runs.flatMap(legend) : []),
    ...drawn,
    ...(panels.length === 0
      ? [text(LEFT, top + 20, '', 'Nothing can be drawn yet.')]
      : [
          ...steps.map((step) => text(x(step), y + 16, 'middle', String(step))),
          text(WIDTH - RIGHT, y + 32, 'end', 'step'),
        ]),
    '</svg>\n',
  ].join('\n');
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
    ...pointsOf(curve).map(value),
    ...(panel === LOSS ? curve.evaluations.map(({ loss }) => loss) : []),
  ]);
  const marks = ticks(...rangeOf(values), height > 100 ? 5 : 2);
  const low = marks[0] ?? 0;
  const high = marks.at(-1) ?? 1;
  const y = (of: number): number => top + height - ((of - low) / (high - low || 1)) * height;
  const line = (kind: string, points: readonly CurvePoint[], of: Panel['value']): string[] => {
    const places = points.flatMap((point) => {
      const told = of(point);
      return told === undefined ? [] : [{ x: digits(x(point.step)), y: digits(y(told)) }];
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
      const words = step === 0 ? 'Began anew' : `Resumed at step ${step}`;
      const late = x(step) > WIDTH - 160;
      return [
        `<line class="resume" x1="${digits(x(step))}" y1="${top}" x2="${digits(x(step))}" y2="${foot}"/>`,
        text(x(step) + (late ? -5 : 5), top + 12, late ? 'end' : '', words),
      ];
    }),
    ...checkpoints.map(({ step, gone }) => {
      const at = x(step);
      const words = `Checkpoint at step ${step}${gone ? ', not kept' : ''}`;
      return `<path class="${gone ? 'gone' : 'saved'}" d="M${digits(at - 4)} ${foot + 1}h8l-4 -7z"><title>${words}</title></path>`;
    }),
  ];
}

function legend({ name }: DrawnRun, i: number): string[] {
  const y = HEAD + i * LEGEND + 10;
  return [`<g class="r${i}"><line class="key" x1="16" y1="${y}" x2="48" y2="${y}"/></g>`, text(56, y + 4, '', name)];
}

/** Lowest and highest of what is known, a little apart where they are one. */
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

/** Of what is drawn: a training that has just begun must not stand in a corner of the picture. */
const lastStep = (curve: RunCurve): number =>
  Math.max(...curve.checkpoints.map(({ step }) => step), ...pointsOf(curve).map(({ step }) => step), 0);

function thinCurve(curve: RunCurve): RunCurve {
  return {
    ...curve,
    points: thinPoints(curve.points, MOST_POINTS),
    undone: curve.undone.map((points) => thinPoints(points, MOST_POINTS)),
  };
}

const tickName = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential().replace('e-0', 'e-') : String(value);

function summary({ name, curve }: DrawnRun): string {
  const first = curve.points.find(({ loss }) => loss !== undefined);
  const last = curve.points.findLast(({ loss }) => loss !== undefined);
  if (first?.loss === undefined || last?.loss === undefined) return `${name}: no loss yet`;
  const of = curve.total === undefined ? '' : ` of ${curve.total}`;
  return `${name}: step ${curve.step ?? last.step}${of}, loss ${first.loss.toPrecision(3)} at step ${first.step}, ${last.loss.toPrecision(3)} at step ${last.step}`;
}
