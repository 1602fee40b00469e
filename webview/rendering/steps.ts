import type { StepMark } from '../../src/core/review/steps.ts';
import type { BlockView } from './block.ts';
import { boxAt } from './places.ts';

/** The description of a labelled step: `good`, `good, before the first wrong step`, `bad, the first wrong step`. */
function stepTitle({ label, implied }: StepMark, isFirstWrong: boolean, hasWrong: boolean): string {
  if (isFirstWrong) return `${label}, the first wrong step`;
  if (implied === true) return hasWrong ? `${label}, before the first wrong step` : `${label}, no step is wrong`;
  return label;
}

/** Adds the marks of the labelled steps that begin in a block, at the left of its text; `stepTops` measures where. */
export function fillSteps(block: BlockView, steps: readonly StepMark[]): void {
  block.element.querySelector('.steps')?.remove();
  const first = steps.find(({ label }) => label === 'bad');
  const here = steps.filter(({ start }) => start >= block.start && start < block.end);
  if (here.length === 0) return;
  const column = document.createElement('div');
  column.className = 'steps';
  column.append(
    ...here.map((step) => {
      const mark = document.createElement('span');
      const title = stepTitle(step, step === first, first !== undefined);
      mark.className = ['step-mark', step.label, step.implied && 'implied', step === first && 'first-wrong']
        .filter(Boolean)
        .join(' ');
      mark.dataset.step = String(step.start);
      mark.title = `Step: ${title}`;
      mark.setAttribute('role', 'img');
      mark.setAttribute('aria-label', `Step: ${title}`);
      return mark;
    }),
  );
  block.element.prepend(column);
}

/** The marks of a block with their distances from its top, in pixels. */
export function stepTops(block: BlockView): { element: HTMLElement; top: number }[] {
  const marks = [...block.element.querySelectorAll<HTMLElement>('.step-mark')];
  if (marks.length === 0) return [];
  const { top } = block.element.getBoundingClientRect();
  return marks.map((element) => ({ element, top: boxAt(block, Number(element.dataset.step)).top - top }));
}
