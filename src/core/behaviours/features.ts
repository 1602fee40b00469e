import { findCandidates } from './candidates.ts';
import { findEqualities } from './equalities.ts';
import { GROUP_NAMES } from './lexicon.ts';
import { Memory, type Recall, type StatedValue } from './memory.ts';
import { type ScannedSentence, scanSentences } from './scan.ts';
import type { Sentence } from './sentences.ts';

/** What is known of a text besides its words. */
export interface TextContext {
  /** The problem that the text solves: its numbers are the givens. */
  problem?: string | undefined;
  /** Pieces of a chain of our own, in order: what a sentence is likely to do depends on the piece that it stands in. */
  pieces?: readonly { piece: string; start: number; end: number }[] | undefined;
}

/** Sparse rows, one after the other: the features of sentence `i` stand from `starts[i]` to `starts[i + 1]`. Most values are 1. */
export interface FeatureRows {
  /** How many sentences. */
  count: number;
  starts: Uint32Array;
  ids: Uint16Array;
  values: Float32Array;
}

/** All that a feature may look at. */
interface View {
  sentence: ScannedSentence;
  recall: Recall;
  index: number;
  count: number;
  has: (group: string) => boolean;
  state: State;
  layout: Layout;
  piece: string;
  /** Of its equalities, computed again: 0 none, 1 all hold, -1 one fails. */
  outcome: number;
}

/** How long ago, in sentences, acts were opened or closed; `Infinity` before the first. */
interface State {
  check: number;
  wait: number;
  outcome: number;
  wrong: number;
  turn: number;
  method: number;
  question: number;
  /** A check was opened, and nothing has closed it since. */
  open: boolean;
}

interface Layout {
  paragraph: boolean;
  /** Sentences since the paragraph began, and whether its first sentence opened a check or hesitated. */
  inParagraph: number;
  paragraphChecks: boolean;
  paragraphWaits: boolean;
  item: boolean;
  heading: boolean;
  afterThought: boolean;
}

type Feature = readonly [name: string, of: (view: View) => number | boolean];

const fades = (age: number, over: number): number => (Number.isFinite(age) ? Math.exp(-age / over) : 0);
const OPENING_WORDS = 3;

const SHAPES: readonly Feature[] = [
  ['bias', () => 1],
  ['question', ({ sentence }) => sentence.questions > 0],
  ['colon', ({ sentence }) => sentence.lastCode === 58],
  ['short', ({ sentence }) => sentence.words <= 4],
  ['very short', ({ sentence }) => sentence.length <= 15],
  ['long', ({ sentence }) => sentence.words >= 25],
  ['formula share', ({ sentence }) => sentence.formulaShare],
  ['mostly formula', ({ sentence }) => sentence.formulaShare > 0.5],
  ['no formula', ({ sentence }) => sentence.formulaShare < 0.02],
  ['equality', ({ sentence }) => sentence.equalities > 0],
  ['equalities', ({ sentence }) => Math.min(1, sentence.equalities / 4)],
  ['equality holds', ({ outcome }) => outcome > 0],
  ['equality fails', ({ outcome }) => outcome < 0],
  ['equality holds with old numbers', ({ outcome, recall }) => outcome > 0 && recall.allOld],
  ['comparison', ({ sentence }) => sentence.comparisons > 0],
  ['boxed', ({ sentence }) => sentence.boxed],
  ['lower case first', ({ sentence }) => sentence.firstCode >= 97 && sentence.firstCode <= 122],
  ['paragraph', ({ layout }) => layout.paragraph],
  ['in paragraph', ({ layout }) => Math.min(1, layout.inParagraph / 8)],
  ['paragraph checks', ({ layout }) => layout.paragraphChecks],
  ['paragraph waits', ({ layout }) => layout.paragraphWaits],
  ['item', ({ layout }) => layout.item],
  ['heading', ({ layout }) => layout.heading],
  ['after thought', ({ layout }) => layout.afterThought],
  ['first sentences', ({ index }) => index < 6],
  ['first quarter', ({ index, count }) => index * 4 < count],
  ['last half', ({ index, count }) => index * 2 >= count],
  ['last tenth', ({ index, count }) => index * 10 >= count * 9],
  ['last sentences', ({ index, count }) => count - index <= 4],
];

const MATHEMATICS: readonly Feature[] = [
  ['no telling number', ({ recall }) => recall.telling === 0],
  ['many telling numbers', ({ recall }) => recall.telling >= 4],
  ['new numbers', ({ recall }) => recall.newShare],
  ['old numbers', ({ recall }) => (recall.telling > 0 ? 1 - recall.newShare : 0)],
  ['all numbers old', ({ recall }) => recall.allOld],
  ['given numbers', ({ recall }) => recall.givenShare],
  ['result old', ({ recall }) => recall.resultOld],
  ['result given', ({ recall }) => recall.resultGiven],
  ['result new', ({ recall }) => recall.resultNew],
  ['formula replay', ({ recall }) => recall.formulaReplay],
  ['word replay', ({ recall }) => recall.wordReplay],
  ['replayed', ({ recall }) => recall.wordReplay > 0.9 && recall.formulaReplay > 0.9],
  ['together', ({ recall }) => recall.together],
  ['aligned', ({ recall }) => recall.aligned],
  ['answer stands', ({ recall }) => recall.answers > 0],
  ['several answers', ({ recall }) => recall.answers > 1],
  ['candidate stands', ({ recall }) => Number.isFinite(recall.candidateAge)],
  ['answer just stated', ({ recall }) => fades(recall.answerAge, 4)],
  ['answer stated', ({ recall }) => fades(recall.answerAge, 20)],
  ['candidate just stated', ({ recall }) => fades(recall.candidateAge, 3)],
  ['answer back', ({ recall }) => recall.answerBack],
  ['answer and given', ({ recall }) => recall.answerBack && recall.givenShare > 0],
  ['answer in equality', ({ recall, sentence }) => recall.answerBack && sentence.equalities > 0],
  ['candidate back', ({ recall }) => recall.candidateBack],
  ['candidate and given', ({ recall }) => recall.candidateBack && recall.givenShare > 0],
  ['states answer again', ({ recall }) => recall.statesAnswerAgain],
  ['states candidate again', ({ recall }) => recall.statesCandidateAgain],
  ['states other answer', ({ recall }) => recall.statesOther],
  ['old in open check', ({ recall, state }) => state.open && recall.newShare < 0.5 && recall.telling > 0],
  ['replay in open check', ({ recall, state }) => (state.open ? Math.max(recall.formulaReplay, recall.together) : 0)],
  ['equality in open check', ({ sentence, state }) => state.open && sentence.equalities > 0],
];

const STATES: readonly Feature[] = [
  ['check open', ({ state }) => state.open],
  ['since check', ({ state }) => fades(state.check, 3)],
  ['since check, slowly', ({ state }) => fades(state.check, 10)],
  ['open, fading', ({ state }) => (state.open ? fades(state.check, 6) : 0)],
  ['since wait', ({ state }) => fades(state.wait, 3)],
  ['since outcome', ({ state }) => fades(state.outcome, 2)],
  ['since wrong', ({ state }) => fades(state.wrong, 3)],
  ['since turn', ({ state }) => fades(state.turn, 4)],
  ['since method', ({ state }) => fades(state.method, 6)],
  ['since method, answer stands', ({ state, recall }) => (recall.answers > 0 ? fades(state.method, 8) : 0)],
  ['since question', ({ state }) => fades(state.question, 2)],
  ['method after answer', ({ has, recall }) => recall.answers > 0 && (has('other method') || has('alternatively'))],
  ['wait after candidate', ({ has, recall }) => has('wait') && recall.candidateAge <= 3],
  ['wait and question', ({ has, sentence }) => (has('wait') || has('but')) && sentence.questions > 0],
  ['wait and past', ({ has }) => has('wait') && has('past')],
  ['wait and wrong', ({ has }) => has('wait') && has('wrong')],
  ['if and question', ({ has, sentence }) => has('if') && sentence.questions > 0],
  ['asks whether', ({ has, sentence }) => sentence.questions > 0 && (has('correct') || has('agrees') || has('sense'))],
  ['yes and outcome', ({ has }) => has('yes') && (has('correct') || has('agrees') || has('sense'))],
  ['agrees without not', ({ has }) => has('agrees') && !has('not')],
  ['intend after answer', ({ has, recall }) => has('intend') && recall.answers > 0],
  ['intend before answer', ({ has, recall }) => has('intend') && recall.answers === 0],
  ['piece answer', ({ piece }) => piece.startsWith('answer')],
  ['piece check', ({ piece }) => piece.startsWith('check')],
  ['piece summary', ({ piece }) => piece === 'summary'],
];

const WORDS: readonly Feature[] = GROUP_NAMES.map((name) => [`says ${name}`, ({ has }) => has(name)] as const);
const OPENERS: readonly string[] = [
  ...['wait', 'hmm', 'but', 'yes', 'okay', 'not', 'correct', 'alternatively', 'other', 'maybe', 'if', 'suppose', 'therefore'],
  ...['then', 'now', 'next', 'ordinal', 'finally', 'since', 'actually', 'aux', 'ask', 'let', 'lets', 'i', 'we', 'to', 'check'],
  ...['checking', 'given', 'similarly'],
].filter((name) => GROUP_NAMES.includes(name));
const OPENINGS: readonly Feature[] = OPENERS.map(
  (name) => [`opens with ${name}`, ({ sentence }) => opensWith(sentence, name)] as const,
);

const FEATURES: readonly Feature[] = [...SHAPES, ...MATHEMATICS, ...STATES, ...OPENINGS, ...WORDS];

/** Names of the features, in the order of the weights. */
export const FEATURE_NAMES: readonly string[] = FEATURES.map(([name]) => name);

/** The features of every sentence of a text. Linear in its length. */
export function featureRows(text: string, sentences: readonly Sentence[], context: TextContext = {}): FeatureRows {
  const scanned = scanSentences(text, sentences);
  const stated = statedValues(text, sentences, scanned, context.problem);
  const outcomes = equalityOutcomes(text, sentences);
  const memory = new Memory(context.problem === undefined ? undefined : numbersOf(context.problem));
  const history = new History(text);
  const starts = new Uint32Array(scanned.length + 1);
  const ids: number[] = [];
  const values: number[] = [];
  let segment = 0;
  for (const [index, sentence] of scanned.entries()) {
    const { start } = sentences[index] ?? { start: 0 };
    const pieces = context.pieces ?? [];
    while (segment < pieces.length && (pieces[segment]?.end ?? 0) <= start) segment += 1;
    const recall = memory.meet(index, sentence, stated[index] ?? []);
    const has = (group: string): boolean => (sentence.groups[GROUP_INDEX.get(group) ?? -1] ?? 0) > 0;
    const layout = history.layout(start, sentence);
    const view: View = {
      ...{ sentence, recall, index, has, layout, count: scanned.length },
      ...{ state: history.state(index), piece: pieces[segment]?.piece ?? '', outcome: outcomes[index] ?? 0 },
    };
    for (let id = 0; id < FEATURES.length; id += 1) {
      const amount = Number(FEATURES[id]?.[1](view) ?? 0);
      if (amount === 0) continue;
      ids.push(id);
      values.push(amount);
    }
    starts[index + 1] = ids.length;
    history.remember(index, view);
  }
  return { count: scanned.length, starts, ids: Uint16Array.from(ids), values: Float32Array.from(values) };
}

const GROUP_INDEX = new Map(GROUP_NAMES.map((name, number) => [name, number]));

/** Keeps what was opened and closed so far, and where the paragraphs begin. */
class History {
  readonly #text: string;
  readonly #at = { check: -Infinity, wait: -Infinity, outcome: -Infinity, wrong: -Infinity, turn: -Infinity, method: -Infinity, question: -Infinity };
  #open = false;
  #paragraph = { sentences: 0, checks: false, waits: false };
  #afterThought = false;

  constructor(text: string) {
    this.#text = text;
  }

  state(index: number): State {
    const { check, wait, outcome, wrong, turn, method, question } = this.#at;
    return {
      ...{ check: index - check, wait: index - wait, outcome: index - outcome, wrong: index - wrong },
      ...{ turn: index - turn, method: index - method, question: index - question, open: this.#open },
    };
  }

  layout(start: number, sentence: ScannedSentence): Layout {
    const paragraph = start === 0 || blankLineBefore(this.#text, start);
    if (paragraph) this.#paragraph = { sentences: 0, checks: opensCheck(sentence), waits: says(sentence, 'wait') };
    const { sentences, checks, waits } = this.#paragraph;
    if (this.#text.startsWith('</think', start) || this.#text.startsWith('<|end_of_thought', start)) this.#afterThought = true;
    const first = this.#text.charAt(start);
    const second = this.#text.charAt(start + 1);
    return {
      paragraph,
      inParagraph: sentences,
      paragraphChecks: checks,
      paragraphWaits: waits,
      item: ((first === '-' || first === '*' || first === '•') && second === ' ') || /^\d{1,2}[.)] /.test(this.#text.slice(start, start + 5)),
      heading: first === '#' || (first === '*' && second === '*'),
      afterThought: this.#afterThought,
    };
  }

  remember(index: number, { sentence, layout }: View): void {
    const at = this.#at;
    const has = (group: string): boolean => says(sentence, group);
    if (opensCheck(sentence)) {
      at.check = index;
      this.#open = true;
    } else if (layout.heading || sentence.boxed || (layout.paragraph && (has('next') || has('case') || has('now')))) {
      this.#open = false;
    }
    if (has('wait')) at.wait = index;
    if ((has('correct') || has('agrees') || has('okay') || has('makes sense')) && !has('not')) at.outcome = index;
    if (has('wrong') || has('miss') || has('not correct') || has('not agrees')) at.wrong = index;
    if (layout.heading || has('next') || has('case') || has('finally')) at.turn = index;
    if (has('other method') || has('alternatively')) at.method = index;
    if (sentence.questions > 0) at.question = index;
    this.#paragraph.sentences += 1;
  }
}

function says(sentence: ScannedSentence, group: string): boolean {
  return (sentence.groups[GROUP_INDEX.get(group) ?? -1] ?? 0) > 0;
}

function opensCheck(sentence: ScannedSentence): boolean {
  return (
    says(sentence, 'intend check') ||
    says(sentence, 'intend redo') ||
    says(sentence, 'to check') ||
    says(sentence, 'check again') ||
    says(sentence, 'substitute back') ||
    says(sentence, 'checking')
  );
}

function blankLineBefore(text: string, start: number): boolean {
  for (let at = start - 1, lines = 0; at >= 0; at -= 1) {
    const unit = text.charCodeAt(at);
    if (unit === 10) {
      lines += 1;
      if (lines === 2) return true;
    } else if (unit !== 32 && unit !== 9 && unit !== 13) return false;
  }
  return true;
}

function numbersOf(problem: string): number[] {
  const whole = { start: 0, end: problem.length, textEnd: problem.length };
  return scanSentences(problem, [whole]).flatMap(({ numbers }) => numbers);
}

/**
 * The values that each sentence states, as the numbers in them: candidate answers, which are strong, and the last number of a sentence that
 * draws a conclusion, which is not.
 */
function statedValues(
  text: string,
  sentences: readonly Sentence[],
  scanned: readonly ScannedSentence[],
  problem: string | undefined,
): StatedValue[][] {
  const stated: StatedValue[][] = sentences.map(() => []);
  const place = placesIn(sentences);
  for (const { start, answer } of findCandidates(text, problem === undefined ? {} : { problem })) {
    const numbers = numbersOf(answer);
    if (numbers.length > 0) stated[place(start)]?.push({ numbers, strong: true });
  }
  for (const [index, sentence] of scanned.entries()) {
    const last = sentence.numbers.at(-1);
    if (last !== undefined && sentence.questions === 0 && opensWith(sentence, 'therefore') && stated[index]?.length === 0) {
      stated[index].push({ numbers: [last], strong: false });
    }
  }
  return stated;
}

/** Whether the equalities of each sentence hold when computed again: 0 none, 1 all hold, -1 one fails. */
function equalityOutcomes(text: string, sentences: readonly Sentence[]): Int8Array {
  const outcomes = new Int8Array(sentences.length);
  const place = placesIn(sentences);
  for (const { start, holds } of findEqualities(text)) {
    const index = place(start);
    outcomes[index] = holds && outcomes[index] !== -1 ? 1 : -1;
  }
  return outcomes;
}

/** The sentence of an offset; offsets must come in order. */
function placesIn(sentences: readonly Sentence[]): (offset: number) => number {
  let index = 0;
  return (offset) => {
    while (index < sentences.length - 1 && (sentences[index]?.end ?? 0) <= offset) index += 1;
    return index;
  };
}

function opensWith(sentence: ScannedSentence, group: string): boolean {
  const place = sentence.groups[GROUP_INDEX.get(group) ?? -1] ?? 0;
  return place > 0 && place <= OPENING_WORDS;
}
