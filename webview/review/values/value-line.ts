import type { StepPlace } from '../../../src/core/schemas/index.ts';
import type { ShownStepValues } from '../../../src/protocol/step-values.ts';
import type { TraceContent } from '../../rendering/trace.ts';
import { describePlace, describeSuggestion, valueAt } from './values.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Units of the drawing across; down, a unit is a code unit of the text. */
const ACROSS = 100;

/** The values of steps along the ribbon: mean and interval at the measured places, 0 at the left and 1 at the right. */
export class ValueLine {
  readonly #element: HTMLElement;
  readonly #go: (offset: number) => void;
  /** As JSON: a snapshot brings equal values as another object. */
  #shown = '';
  #length = 1;

  constructor(element: HTMLElement, go: (offset: number) => void) {
    this.#element = element;
    this.#go = go;
    element.hidden = true;
    element.addEventListener('click', (event) => this.#clicked(event));
  }

  /** Shows the values of a text; hides the line without them. */
  show(values: ShownStepValues | undefined, content: TraceContent | undefined): void {
    const shown = JSON.stringify([values, content?.text.length, content?.suggested]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#length = Math.max(1, content?.text.length ?? 0);
    this.#element.hidden = values === undefined;
    if (values === undefined) {
      this.#element.replaceChildren();
      return;
    }
    this.#element.replaceChildren(drawing(values, this.#length), ...this.#marks(values, content?.suggested));
  }

  #marks(values: ShownStepValues, suggested: StepPlace | undefined): HTMLElement[] {
    const marks = values.places.flatMap((place) => {
      const { at } = place;
      const { mean, low, high } = valueAt(place, values.steps);
      const title = describePlace(place, values.steps);
      const dot = this.#mark('value-dot', at, title);
      dot.style.left = percent(mean);
      if (low === high) return [dot];
      const whisker = this.#mark('value-interval', at, title);
      whisker.style.left = percent(low);
      whisker.style.width = percent(high - low);
      return [whisker, dot];
    });
    if (suggested === undefined) return marks;
    return [this.#mark('value-drop', suggested.start, describeSuggestion(values)), ...marks];
  }

  #mark(look: string, at: number, title: string): HTMLElement {
    const mark = document.createElement('div');
    mark.className = look;
    mark.title = title;
    mark.dataset.at = String(at);
    mark.style.top = percent(at / this.#length);
    return mark;
  }

  #clicked({ target, clientY }: MouseEvent): void {
    const at = target instanceof HTMLElement ? target.dataset.at : undefined;
    const box = this.#element.getBoundingClientRect();
    this.#go(
      at === undefined ? Math.round(((clientY - box.top) / Math.max(1, box.height)) * this.#length) : Number(at),
    );
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(3)}%`;

/** A band of the intervals, and a line through the means. */
function drawing({ places, steps }: ShownStepValues, length: number): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${ACROSS} ${length}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const values = places.map((place) => ({ at: place.at, ...valueAt(place, steps) }));
  const points = (of: (value: (typeof values)[number]) => number, some = values): string =>
    some.map((value) => `${(ACROSS * of(value)).toFixed(1)},${value.at}`).join(' ');
  const band = document.createElementNS(SVG, 'polygon');
  band.setAttribute('class', 'value-band');
  band.setAttribute('points', `${points(({ low }) => low)} ${points(({ high }) => high, values.toReversed())}`);
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('class', 'value-mean');
  line.setAttribute(
    'points',
    points(({ mean }) => mean),
  );
  svg.append(band, line);
  return svg;
}
