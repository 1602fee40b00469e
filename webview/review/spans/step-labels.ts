import { type LabelledStep, labelledSteps, type StepMark, splitSteps } from '../../../src/core/review/index.ts';
import { STEP_LABELS, type StepLabel, type StepPlace } from '../../../src/core/schemas/index.ts';
import { formatCount } from '../../../src/core/text/format.ts';
import type { TraceContent, TraceView } from '../../rendering/trace.ts';
import { describeSuggestion } from '../values/values.ts';
import type { MarkingPage } from './moves.ts';
import type { SentenceCursor, SentencesOf } from './sentence-cursor.ts';

interface StepPage extends MarkingPage {
  sentences: SentencesOf;
  cursor: SentenceCursor;
  /** Where the reviewer is: the selected text or the sentences of the cursor. */
  place(): { start: number } | undefined;
}

/** The steps of a trace with their labels, and the one of the reviewer. */
interface Here {
  trace: TraceView;
  steps: LabelledStep[];
  index: number;
}

/** Labels the steps of the trace, one act each. The cursor covers the whole step, and moves to the next one after a label. */
export class StepLabels {
  readonly #page: StepPage;
  /** The labels at the last answer of the host. */
  #known: { trace: TraceView; marks: readonly StepMark[] } | undefined;
  /** The steps of the last text. */
  #split: { content: Pick<TraceContent, 'text' | 'segments'>; steps: StepPlace[] } | undefined;
  /** An act of this page is not answered yet. */
  #acting = false;

  constructor(page: StepPage) {
    this.#page = page;
  }

  /** Labels the step of the cursor and goes to the next one; the same label again removes it. */
  label(label: StepLabel): void {
    const here = this.#here();
    const step = here?.steps[here.index];
    if (here === undefined || step === undefined) return;
    const name = this.#name(here);
    const { start, end } = step;
    if (step.label === label && step.implied !== true) {
      this.#act({ act: 'step', start, end, label: null });
      this.#page.announcer.announce(`${name} has no label.`);
      return;
    }
    this.#act({ act: 'step', start, end, label });
    const done = `Step ${formatCount(here.index + 1)} ${label}`;
    const next = { ...here, index: here.index + 1 };
    if (next.index < here.steps.length) {
      this.#goTo(next, `${done}, now ${this.#place(next)}`);
      return;
    }
    const labels = here.steps.map((each, index) => (index === here.index ? label : each.label));
    this.#page.announcer.announce(`${done}, the last one. All: ${countLabels(labels)}.`);
  }

  /** Marks the step of the cursor as the first wrong one, or withdraws that. */
  firstWrong(): void {
    const values = this.#page.item()?.values;
    const suggested = this.#page.trace()?.content.suggested;
    const here = this.#here(suggested && values && { start: suggested.start, words: describeSuggestion(values) });
    const step = here?.steps[here.index];
    if (here === undefined || step === undefined) return;
    const name = this.#name(here);
    const isMarked = here.steps.findIndex(({ label }) => label === 'bad') === here.index;
    const { start, end } = step;
    const isSuggested = suggested !== undefined && suggested.start < end && suggested.end > start;
    const suggestion = values && isSuggested && { by: 'step-values' as const, model: values.model, at: values.at };
    this.#act({
      ...{ act: 'first-wrong-step', place: isMarked ? null : { start, end } },
      ...(suggestion && !isMarked && { suggestion }),
    });
    const before = here.index === 0 ? '' : ' The steps before it are good, unless they are neutral.';
    this.#goTo(here, isMarked ? `${name} is not the first wrong step.` : `${name} is the first wrong step.${before}`);
  }

  /** Marks all steps as right, or withdraws that. */
  noneWrong(): void {
    const trace = this.#page.trace();
    if (trace === undefined) return;
    const isMarked = trace.content.steps.some(({ implied }) => implied) && !this.#hasWrong(trace);
    this.#act({ act: 'first-wrong-step', place: isMarked ? null : 'none' });
    this.#page.announcer.announce(isMarked ? 'Some steps have no label.' : 'No step is wrong.');
  }

  /** After an answer of the host: goes to the step that an undo or redo changed. */
  settle(): void {
    const trace = this.#page.trace();
    const before = this.#known;
    this.#known = trace && { trace, marks: trace.content.steps };
    const acting = this.#acting;
    this.#acting = false;
    if (trace === undefined || before?.trace !== trace || acting) return;
    const changed = changedPlaces(before.marks, trace.content.steps);
    const place = changed.find(({ implied }) => implied !== true) ?? changed[0];
    if (place !== undefined) this.#page.cursor.goTo(place);
  }

  #hasWrong({ content }: TraceView): boolean {
    return content.steps.some(({ label }) => label === 'bad');
  }

  #act(act: Parameters<MarkingPage['act']>[0]): void {
    this.#acting = true;
    this.#page.act(act);
  }

  /**
   * The step of the reviewer. Without a place in the text, the cursor enters a step, and nothing is labelled yet.
   * @param entry The step that it enters, and its words.
   */
  #here(entry?: { start: number; words: string }): Here | undefined {
    const trace = this.#page.trace();
    if (trace === undefined) return undefined;
    const steps = labelledSteps(this.#stepsOf(trace.content), trace.content.steps);
    const place = this.#page.place();
    const start = place?.start ?? entry?.start ?? this.#page.cursor.entry();
    const found = start === undefined ? -1 : steps.findIndex(({ end }) => end > start);
    const here = { trace, steps, index: found < 0 ? steps.length - 1 : found };
    if (place !== undefined) return here;
    if (steps.length > 0) this.#goTo(here, entry?.words ?? this.#name(here));
    return undefined;
  }

  #stepsOf({ text, segments }: TraceContent): StepPlace[] {
    const { content, steps } = this.#split ?? {};
    if (steps !== undefined && content?.text === text && content.segments === segments) return steps;
    const split = splitSteps(text, segments, this.#page.sentences(text));
    this.#split = { content: { text, segments }, steps: split };
    return split;
  }

  #name(here: Here): string {
    return `Step ${this.#place(here)}`;
  }

  #place({ steps, index }: Here): string {
    return `${formatCount(index + 1)} of ${formatCount(steps.length)}`;
  }

  #goTo({ steps, index }: Here, words: string): void {
    const step = steps[index];
    if (step !== undefined) this.#page.cursor.goTo(step, words);
  }
}

/** `28 good, 1 neutral, 1 bad, 2 without a label`. */
export function countLabels(labels: readonly (StepLabel | undefined)[]): string {
  const count = (wanted: StepLabel | undefined): number => labels.filter((label) => label === wanted).length;
  const parts = STEP_LABELS.filter((label) => count(label) > 0).map((label) => `${formatCount(count(label))} ${label}`);
  const rest = count(undefined);
  return [...parts, ...(rest > 0 ? [`${formatCount(rest)} without a label`] : [])].join(', ');
}

/** The marks that are in one of two lists only. */
function changedPlaces(before: readonly StepMark[], after: readonly StepMark[]): StepMark[] {
  const only = (some: readonly StepMark[], others: readonly StepMark[]): StepMark[] => {
    const known = new Set(others.map((mark) => JSON.stringify(mark)));
    return some.filter((mark) => !known.has(JSON.stringify(mark)));
  };
  return [...only(after, before), ...only(before, after)];
}
