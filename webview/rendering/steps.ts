import type { StepMark } from '../../src/core/review/steps.ts';
import type { StepPlace } from '../../src/core/schemas/index.ts';
import type { BlockView } from './block.ts';
import { boxAt } from './places.ts';

interface ShownSteps {
  steps: readonly StepMark[];
  /** The step that may be the first wrong one. */
  suggested?: StepPlace | undefined;
}

/** The description of a labelled step: `good`, `good, before the first wrong step`, `bad, the first wrong step`. */
function stepTitle({ label, implied }: StepMark, isFirstWrong: boolean, hasWrong: boolean): string {
  if (isFirstWrong) return `${label}, the first wrong step`;
  if (implied === true) return hasWrong ? `${label}, before the first wrong step` : `${label}, no step is wrong`;
  return label;
}

/** Adds the marks of the labelled steps that begin in a block, at the left of its text; `stepTops` measures where. */
export function fillSteps(block: BlockView, { steps, suggested }: ShownSteps): void {
  block.element.querySelector('.steps')?.remove();
  const first = steps.find(({ label }) => label === 'bad');
  const isHere = ({ start }: StepPlace): boolean => start >= block.start && start < block.end;
  const here = steps.filter(isHere);
  const isSuggestedHere = suggested !== undefined && isHere(suggested);
  if (here.length === 0 && !isSuggestedHere) return;
  const column = document.createElement('div');
  column.className = 'steps';
  column.append(
    ...here.map((step) => {
      const look = [step.label, step.implied && 'implied', step === first && 'first-wrong'].filter(Boolean).join(' ');
      return markOf(step, look, `Step: ${stepTitle(step, step === first, first !== undefined)}`);
    }),
  );
  if (isSuggestedHere) column.append(markOf(suggested, 'suggested', 'First wrong step? Step values suggest it.'));
  block.element.prepend(column);
}

function markOf({ start }: StepPlace, look: string, title: string): HTMLElement {
  const mark = document.createElement('span');
  mark.className = `step-mark ${look}`;
  mark.dataset.step = String(start);
  mark.title = title;
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', title);
  return mark;
}

/** The marks of a block with their distances from its top, in pixels. */
export function stepTops(block: BlockView): { element: HTMLElement; top: number }[] {
  const marks = [...block.element.querySelectorAll<HTMLElement>('.step-mark')];
  if (marks.length === 0) return [];
  const { top } = block.element.getBoundingClientRect();
  return marks.map((element) => ({ element, top: boxAt(block, Number(element.dataset.step)).top - top }));
}
