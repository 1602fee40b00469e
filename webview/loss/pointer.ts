import { formatCount, formatMeasure } from '../../src/core/text/format.ts';
import type { CurvePoint } from '../../src/core/training/curve.ts';
import { type DrawnRun, type StepScale, stepScale } from '../../src/core/training/loss-picture.ts';

/** The values of all runs at their logged point nearest to `step`: `Step 120: loss 2.31, smoothed 2.35`. */
function valuesAt(runs: readonly DrawnRun[], step: number): string {
  const parts = runs.flatMap(({ name, curve }) => {
    const point = nearest(curve.points, step);
    if (point === undefined) return [];
    const evaluation = curve.evaluations.find((one) => one.step === point.step);
    const values: [string, number | undefined][] = [
      ['loss', point.loss],
      ['smoothed', point.smoothed],
      ['evaluation loss', evaluation?.loss],
      ['learning rate', point.lr],
      ['gradient norm', point.gradNorm],
    ];
    const known = values.flatMap(([label, value]) =>
      value === undefined ? [] : `${label} ${formatMeasure(value, 4)}`,
    );
    const label = runs.length > 1 ? `${name}, step` : 'Step';
    return [`${label} ${formatCount(point.step)}: ${known.join(', ')}`];
  });
  return parts.join(' · ');
}

function nearest(points: readonly CurvePoint[], step: number): CurvePoint | undefined {
  let found: CurvePoint | undefined;
  for (const point of points) {
    if (found === undefined || Math.abs(point.step - step) < Math.abs(found.step - step)) found = point;
  }
  return found;
}

/** Shows the values of the picture at the pointer, or at a step selected with the arrow keys, with a line. */
export class ValuePointer {
  #runs: readonly DrawnRun[] = [];
  #scale: StepScale = { width: 1, left: 0, unit: 1, lastStep: 0 };
  #place: Element | undefined;
  #step: number | undefined;

  /** Sets a new picture and keeps the shown step. */
  show(place: Element, runs: readonly DrawnRun[]): void {
    this.#runs = runs;
    this.#scale = stepScale(runs);
    if (this.#place !== place) {
      this.#place = place;
      place.addEventListener('pointermove', (event) => this.#point(event as PointerEvent));
      place.addEventListener('keydown', (event) => this.#press(event as KeyboardEvent));
    }
    if (this.#step !== undefined) this.#draw();
  }

  #point({ clientX }: PointerEvent): void {
    const box = this.#place?.querySelector('svg')?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const { width, left, unit } = this.#scale;
    this.#move((((clientX - box.left) / box.width) * width - left) / unit);
  }

  #press(event: KeyboardEvent): void {
    const steps = this.#runs[0]?.curve.points.map(({ step }) => step) ?? [];
    const at = this.#step ?? 0;
    const found =
      event.key === 'ArrowRight'
        ? (steps.find((step) => step > at) ?? steps.at(-1))
        : event.key === 'ArrowLeft'
          ? (steps.findLast((step) => step < at) ?? steps[0])
          : undefined;
    if (found === undefined) return;
    event.preventDefault();
    this.#move(found);
  }

  #move(step: number): void {
    this.#step = Math.min(this.#scale.lastStep, Math.max(0, step));
    this.#draw();
  }

  #draw(): void {
    const svg = this.#place?.querySelector('svg');
    const readout = this.#place?.parentElement?.querySelector('.readout');
    if (!svg || this.#step === undefined) return;
    if (readout) readout.textContent = valuesAt(this.#runs, this.#step);
    const x = String(this.#scale.left + this.#step * this.#scale.unit);
    let line = svg.querySelector('.pointer');
    if (line === null) {
      line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
      line.setAttribute('class', 'pointer');
      svg.append(line);
    }
    for (const [name, value] of [
      ['x1', x],
      ['x2', x],
      ['y1', '34'],
      ['y2', String(svg.viewBox.baseVal.height - 62)],
    ] as const)
      line.setAttribute(name, value);
  }
}
