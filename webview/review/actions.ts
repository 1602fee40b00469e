import type { ReviewAction } from '../../src/protocol/keys.ts';
import type { FromReader } from '../../src/protocol/review.ts';
import type { Comparison } from './comparison/comparison.ts';
import type { Deciding } from './deciding.ts';
import type { FactsPane } from './facts/facts-pane.ts';
import type { FindBar } from './find.ts';
import type { KeySheet } from './key-sheet.ts';
import { pressOf } from './keys.ts';
import type { OutlinePane } from './outline/outline-pane.ts';
import type { Marking } from './spans/marking.ts';
import type { ChainView } from './views.ts';

/** What each key of the reader does. @param pressedAt Time of the press, by `performance.now()`. */
export type Actions = Readonly<Record<ReviewAction, (pressedAt: number) => void>>;

/** The parts of the reader that its keys act on. */
interface ActedOn {
  deciding: Deciding;
  marking: Marking;
  outline: OutlinePane;
  facts: FactsPane;
  find: FindBar;
  comparison: Comparison;
  sheet: KeySheet;
  reader: {
    view(): ChainView | undefined;
    step(to: 'next' | 'previous'): void;
    edit(): void;
    toggleRaw(): void;
    continueHere(): void;
    deadEnd(text: string): void;
    post(message: FromReader): void;
  };
}

export function readerActions(on: ActedOn): Actions {
  const { deciding, comparison, reader } = on;
  const { post } = reader;
  const withChain = (send: (chainId: string) => void): void => {
    const shown = reader.view();
    if (shown !== undefined) send(shown.item.chain.id);
  };
  const notCompared = (): void => reader.deadEnd(`${pressOf('compare')} to compare samples first.`);
  return {
    ...markingActions(on),
    accept: (pressedAt) => deciding.accept(pressedAt),
    acceptBecause: () => deciding.acceptBecause(),
    reject: () => deciding.reject(),
    skip: () => deciding.skip(),
    undo: () => deciding.reverse('undo'),
    redo: () => deciding.reverse('redo'),
    overrule: () => deciding.overrule(),
    regrade: () => deciding.regrade(),
    next: () => reader.step('next'),
    previous: () => reader.step('previous'),
    continueHere: () => reader.continueHere(),
    stepValues: () => withChain((chainId) => post({ type: 'stepValues', chainId })),
    edit: () => reader.edit(),
    note: () => deciding.note(),
    tag: () => deciding.tag(),
    assign: () => deciding.assign(),
    toggleRaw: () => reader.toggleRaw(),
    find: () => on.find.open(reader.view()?.trace),
    compare: () => withChain((chainId) => comparison.request([chainId])),
    keepSample: () => notCompared(),
    addSample: () => notCompared(),
    removeSample: () => notCompared(),
    scrollTogether: () => notCompared(),
    differences: () => notCompared(),
    openJournal: () => withChain((chainId) => post({ type: 'openJournal', chainId })),
    filter: () => post({ type: 'filter' }),
    tryProblem: () => withChain((chainId) => post({ type: 'tryProblem', chainId })),
    help: () => on.sheet.open(),
  };
}

/** The keys that go to places in the text and mark them. */
function markingActions({ marking, outline, facts }: ActedOn) {
  return {
    nextSpan: () => marking.walk('span', 1),
    previousSpan: () => marking.walk('span', -1),
    nextCandidate: () => marking.walk('candidate', 1),
    previousCandidate: () => marking.walk('candidate', -1),
    nextDisagreement: () => marking.walk('disagreement', 1),
    previousDisagreement: () => marking.walk('disagreement', -1),
    nextSentence: () => marking.sentence.move(1),
    previousSentence: () => marking.sentence.move(-1),
    outline: () => outline.open(),
    focusProblem: () => facts.focus('problem'),
    focusVerdict: () => facts.focus('verdict'),
    whyDropped: () => facts.nextReason(),
    labelVerification: () => marking.label('verification'),
    labelBacktracking: () => marking.label('backtracking'),
    labelSubgoal: () => marking.label('subgoal'),
    labelBackward: () => marking.label('backward'),
    stepGood: () => marking.steps.label('good'),
    stepNeutral: () => marking.steps.label('neutral'),
    stepBad: () => marking.steps.label('bad'),
    firstWrongStep: () => marking.steps.firstWrong(),
    noWrongStep: () => marking.steps.noneWrong(),
    removeLabel: () => marking.removeLabel(),
    endLater: () => marking.moves.edge('end', 1),
    endEarlier: () => marking.moves.edge('end', -1),
    startEarlier: () => marking.extendOrStart(-1),
    startLater: () => marking.extendOrStart(1),
    wholeSentences: () => marking.moves.wholeSentences(),
    splitSpan: () => marking.split(),
    mergeSpans: () => marking.moves.merge(),
  } satisfies Partial<Actions>;
}
