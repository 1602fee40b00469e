import { keepLast } from '../keep-last.ts';
import { PHASES } from '../schemas/index.ts';
import { type CandidateAnswer, findCandidates } from './candidates.ts';
import { type Ages, announces, History, hasGroup, isOpening, type Layout } from './history.ts';
import { GROUP, GROUP_NAMES, type GroupName } from './lexicon.ts';
import { Memory, type Recall } from './memory.ts';
import { PHRASE_NAMES, type ScannedSentence, Scanner } from './scan.ts';
import type { Sentence } from './sentences.ts';
import { concludedValues, equalityOutcomes, numbersOf, statedAnswers } from './stated.ts';

/** What is known about a text. */
export interface TextContext {
  /** The problem text; its numbers are the given ones. */
  problem?: string | undefined;
  /** Pieces of an assembled chain, in order. */
  pieces?: readonly { piece: string; start: number; end: number }[] | undefined;
  /** The candidate answers of the text, if already found; without use of the gold answer. */
  candidates?: readonly CandidateAnswer[] | undefined;
}

/** Sparse rows in sequence: the features of sentence `i` are at `starts[i]` to `starts[i + 1]`. Most values are 1. */
export interface FeatureRows {
  count: number;
  starts: Uint32Array;
  ids: Uint16Array;
  values: Float32Array;
}

/** Input of a feature. */
interface View {
  sentence: ScannedSentence;
  recall: Recall;
  index: number;
  count: number;
  ages: Ages;
  /** A check is open: see History. */
  open: boolean;
  layout: Layout;
  /** Name of the piece; empty without pieces. */
  piece: string;
  /** The sentence names a task. */
  announces: boolean;
  /** Recomputed equalities of the sentence: 0 none, 1 all hold, -1 one fails. */
  outcome: number;
}

type Feature = readonly [name: string, of: (view: View) => number | boolean];

const {
  agrees: AGREES,
  alternatively: ALTERNATIVELY,
  but: BUT,
  correct: CORRECT,
  'how many': HOW_MANY,
  if: IF,
  intend: INTEND,
  maybe: MAYBE,
  not: NOT,
  other: OTHER,
  'other method': OTHER_METHOD,
  past: PAST,
  sense: SENSE,
  wait: WAIT,
  wrong: WRONG,
  yes: YES,
} = GROUP;

/** Decreases with the age in sentences: 1 at age 0, 1/e after `over` sentences, 0 for an infinite age. */
function fades(age: number, over: number): number {
  const known = FADED[over];
  if (known === undefined || age >= MOST_FADED) return Number.isFinite(age) ? Math.exp(-age / over) : 0;
  return known[age] ?? 0;
}
/** Exponentials of whole ages by `over`: each sentence uses a dozen. */
const MOST_FADED = 64;
const FADED = Array.from({ length: 21 }, (_, over) =>
  Float64Array.from({ length: MOST_FADED }, (_, age) => Math.exp(-age / over)),
);
const SHAPES: readonly Feature[] = [
  ['bias', () => 1],
  ['question', ({ sentence }) => sentence.questions > 0],
  ['colon', ({ sentence }) => sentence.lastCode === 58],
  ['short', ({ sentence }) => sentence.words <= 4],
  ['very short', ({ sentence }) => sentence.length <= 15],
  ['long', ({ sentence }) => sentence.words >= 25],
  ['words', ({ sentence }) => Math.min(1, sentence.words / 30)],
  ['no words', ({ sentence }) => sentence.words === 0],
  ['ends in a digit', ({ sentence }) => sentence.lastCode >= 48 && sentence.lastCode <= 57],
  ['formula share', ({ sentence }) => sentence.formulaShare],
  ['mostly formula', ({ sentence }) => sentence.formulaShare > 0.5],
  ['no formula', ({ sentence }) => sentence.formulaShare < 0.02],
  ['equality', ({ sentence }) => sentence.equalities > 0],
  ['equalities', ({ sentence }) => Math.min(1, sentence.equalities / 4)],
  ['equality holds', ({ outcome }) => outcome > 0],
  ['equality fails', ({ outcome }) => outcome < 0],
  ['equality holds with old numbers', ({ outcome, recall }) => outcome > 0 && recall.allOld],
  ['comparison', ({ sentence }) => sentence.comparisons > 0],
  ['semicolon', ({ sentence }) => sentence.semicolons > 0],
  ['semicolons', ({ sentence }) => Math.min(1, sentence.semicolons / 3)],
  ['colon, no equality', ({ sentence }) => sentence.lastCode === 58 && sentence.equalities === 0],
  ['colon, no formula', ({ sentence }) => sentence.lastCode === 58 && sentence.formulaShare < 0.02],
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
  ['no telling number', ({ recall }) => recall.significant === 0],
  ['many telling numbers', ({ recall }) => recall.significant >= 4],
  ['new numbers', ({ recall }) => recall.newShare],
  ['old numbers', ({ recall }) => (recall.significant > 0 ? 1 - recall.newShare : 0)],
  ['all numbers old', ({ recall }) => recall.allOld],
  ['given numbers', ({ recall }) => recall.givenShare],
  ['result old', ({ recall }) => recall.resultOld],
  ['result given', ({ recall }) => recall.resultGiven],
  ['result new', ({ recall }) => recall.resultNew],
  ['formula replay', ({ recall }) => recall.formulaReplay],
  ['word replay', ({ recall }) => recall.wordReplay],
  ['opening replay', ({ recall }) => recall.openingReplay],
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
  ['old in open check', ({ recall, open }) => open && recall.newShare < 0.5 && recall.significant > 0],
  ['replay in open check', ({ recall, open }) => (open ? Math.max(recall.formulaReplay, recall.together) : 0)],
  ['equality in open check', ({ sentence, open }) => open && sentence.equalities > 0],
];

const STATES: readonly Feature[] = [
  ['check open', ({ open }) => open],
  ['since check', ({ ages }) => fades(ages.check, 3)],
  ['since check, slowly', ({ ages }) => fades(ages.check, 10)],
  ['open, fading', ({ ages, open }) => (open ? fades(ages.check, 6) : 0)],
  ['since wait', ({ ages }) => fades(ages.wait, 3)],
  ['since outcome', ({ ages }) => fades(ages.outcome, 2)],
  ['since wrong', ({ ages }) => fades(ages.wrong, 3)],
  ['since turn', ({ ages }) => fades(ages.turn, 4)],
  ['since method', ({ ages }) => fades(ages.method, 6)],
  ['since method, answer stands', ({ ages, recall }) => (recall.answers > 0 ? fades(ages.method, 8) : 0)],
  ['since question', ({ ages }) => fades(ages.question, 2)],
  [
    'method after answer',
    ({ sentence, recall }) =>
      recall.answers > 0 && (hasGroup(sentence, OTHER_METHOD) || hasGroup(sentence, ALTERNATIVELY)),
  ],
  ['wait after candidate', ({ sentence, recall }) => hasGroup(sentence, WAIT) && recall.candidateAge <= 3],
  [
    'wait and question',
    ({ sentence }) => (hasGroup(sentence, WAIT) || hasGroup(sentence, BUT)) && sentence.questions > 0,
  ],
  ['wait and past', ({ sentence }) => hasGroup(sentence, WAIT) && hasGroup(sentence, PAST)],
  ['wait and wrong', ({ sentence }) => hasGroup(sentence, WAIT) && hasGroup(sentence, WRONG)],
  ['if and question', ({ sentence }) => hasGroup(sentence, IF) && sentence.questions > 0],
  [
    'asks whether',
    ({ sentence }) =>
      sentence.questions > 0 &&
      (hasGroup(sentence, CORRECT) || hasGroup(sentence, AGREES) || hasGroup(sentence, SENSE)),
  ],
  [
    'yes and outcome',
    ({ sentence }) =>
      hasGroup(sentence, YES) &&
      (hasGroup(sentence, CORRECT) || hasGroup(sentence, AGREES) || hasGroup(sentence, SENSE)),
  ],
  ['agrees without not', ({ sentence }) => hasGroup(sentence, AGREES) && !hasGroup(sentence, NOT)],
  ['intend after answer', ({ sentence, recall }) => hasGroup(sentence, INTEND) && recall.answers > 0],
  ['intend before answer', ({ sentence, recall }) => hasGroup(sentence, INTEND) && recall.answers === 0],
  ['since announcement', ({ ages }) => fades(ages.announced, 3)],
  ['since conclusion', ({ ages }) => fades(ages.concluded, 2)],
  ['since stuck', ({ ages }) => fades(ages.stuck, 3)],
  ['since failed equality', ({ ages }) => fades(ages.failed, 3)],
  [
    'turns after stuck',
    ({ sentence, ages }) =>
      ages.stuck <= 3 && (hasGroup(sentence, INTEND) || hasGroup(sentence, MAYBE) || hasGroup(sentence, ALTERNATIVELY)),
  ],
  ['other after stuck', ({ sentence, ages }) => ages.stuck <= 4 && hasGroup(sentence, OTHER)],
  ['announces', ({ announces }) => announces],
  ['announces, no equality', ({ announces, sentence }) => announces && sentence.equalities === 0],
  [
    'announces, new result',
    ({ announces, sentence, recall }) => announces && sentence.results.length > 0 && recall.resultNew,
  ],
  ['announces, no formula', ({ announces, sentence }) => announces && sentence.formulaShare < 0.02],
  ['announces, check', ({ announces, open }) => announces && open],
  ['announces, colon', ({ announces, sentence }) => announces && sentence.lastCode === 58],
  ['announces the question', ({ announces, recall }) => (announces ? recall.openingReplay : 0)],
  ['announces after conclusion', ({ announces, ages }) => announces && ages.concluded <= 2],
  ['announces, item', ({ announces, layout }) => announces && (layout.item || layout.heading)],
  ['asks a quantity', ({ sentence }) => hasGroup(sentence, HOW_MANY) && sentence.questions > 0],
  ['piece answer', ({ piece }) => piece.startsWith('answer')],
  ['piece check', ({ piece }) => piece.startsWith('check')],
  ['piece summary', ({ piece }) => piece === 'summary'],
];

const OPENERS: readonly GroupName[] = [
  ...([
    'wait',
    'hmm',
    'but',
    'yes',
    'okay',
    'not',
    'correct',
    'alternatively',
    'other',
    'maybe',
    'if',
    'suppose',
  ] as const),
  ...([
    'therefore',
    'sequel',
    'now',
    'next',
    'ordinal',
    'finally',
    'since',
    'actually',
    'aux',
    'ask',
    'let',
    'lets',
  ] as const),
  ...([
    'i',
    'we',
    'to',
    'check',
    'checking',
    'given',
    'compute',
    'consider',
    'need',
    'goal',
    'case',
    'operate',
  ] as const),
];
const OPENER_GROUPS = OPENERS.map((group) => GROUP[group]);

const COMPUTED: readonly Feature[] = [...SHAPES, ...MATHEMATICS, ...STATES];
const COMPUTE = COMPUTED.map(([, of]) => of);
const FIRST_GROUP = COMPUTED.length + OPENERS.length;

const FIRST_PHASE = FIRST_GROUP + GROUP_NAMES.length;

/** Features that also count for the neighbouring sentences: computed values, opening words, word groups and the probabilities of phases. */
export const WIDE_FEATURES = FIRST_PHASE + PHASES.length;

/** Names of the features in the order of the weights: the wide ones, then the phrases, which count for their own sentence only. */
export const FEATURE_NAMES: readonly string[] = [
  ...COMPUTED.map(([name]) => name),
  ...OPENERS.map((group) => `opens with ${group}`),
  ...GROUP_NAMES.map((name) => `says ${name}`),
  ...PHASES.map((phase) => `phase ${phase}`),
  ...PHRASE_NAMES.map((phrase) => `writes ${phrase}`),
];

const scanner = new Scanner('');
/** The samples of a problem have the same. */
const givenNumbers = keepLast(numbersOf);

/** The features of every sentence of a text. Takes linear time. The probabilities of phases are 0 until `setPhases`. */
export function featureRows(text: string, sentences: readonly Sentence[], context: TextContext = {}): FeatureRows {
  scanner.restart(text);
  const answers = statedAnswers(sentences, context.candidates ?? candidatesOf(text, context));
  const outcomes = equalityOutcomes(text, sentences);
  const memory = new Memory(context.problem === undefined ? undefined : givenNumbers(context.problem));
  const history = new History(text);
  const pieces = context.pieces ?? [];
  const rows = new RowWriter(sentences.length);
  let segment = 0;
  for (const [index, { start, textEnd }] of sentences.entries()) {
    while (segment < pieces.length && (pieces[segment]?.end ?? 0) <= start) segment += 1;
    const sentence = scanner.scan(start, textEnd);
    const view: View = {
      sentence,
      recall: memory.meet(index, sentence, answers[index] ?? concludedValues(sentence)),
      index,
      count: sentences.length,
      ages: history.ages(index),
      open: history.open,
      layout: history.layout(start, sentence),
      piece: pieces[segment]?.piece ?? '',
      announces: announces(sentence),
      outcome: outcomes[index] ?? 0,
    };
    // Plain loops over arrays: most of the time of a long text is spent here.
    for (let p = 0; p < PHASES.length; p += 1) rows.reserve(FIRST_PHASE + p);
    for (let id = 0; id < COMPUTE.length; id += 1) rows.add(id, Number(COMPUTE[id]?.(view) ?? 0));
    addOpenings(rows, sentence);
    const { met, phrases } = sentence;
    for (let i = 0; i < met.size; i += 1) rows.add(FIRST_GROUP + (met.items[i] ?? 0), 1);
    for (let i = 0; i < phrases.size; i += 1) rows.add(WIDE_FEATURES + (phrases.items[i] ?? 0), 1);
    rows.endSentence();
    history.remember(index, sentence, view);
  }
  return rows.rows();
}

/** Sets the probabilities of phases, which are the first features of each sentence: phase `p` of sentence `i` is at `i · 8 + p`. */
export function setPhases({ count, starts, values }: FeatureRows, phases: Float64Array): void {
  for (let i = 0; i < count; i += 1) {
    const at = starts[i] ?? 0;
    for (let p = 0; p < PHASES.length; p += 1) values[at + p] = phases[i * PHASES.length + p] ?? 0;
  }
}

function addOpenings(rows: RowWriter, { groups }: ScannedSentence): void {
  for (let i = 0; i < OPENER_GROUPS.length; i += 1) {
    if (isOpening(groups[OPENER_GROUPS[i] ?? 0] ?? 0)) rows.add(COMPUTED.length + i, 1);
  }
}

/** The candidate answers of a text; `problem` helps to find them. */
export function candidatesOf(text: string, { problem }: Pick<TextContext, 'problem'>): CandidateAnswer[] {
  return findCandidates(text, problem === undefined ? {} : { problem });
}

/** Most sentences have fewer features. */
const FEATURES = 96;

/** Collects sparse rows in growing arrays. */
class RowWriter {
  readonly #count: number;
  readonly #starts: Uint32Array;
  #ids: Uint16Array;
  #values: Float32Array;
  #size = 0;
  #sentence = 0;

  constructor(count: number) {
    this.#count = count;
    this.#starts = new Uint32Array(count + 1);
    this.#ids = new Uint16Array(FEATURES * (count + 1));
    this.#values = new Float32Array(FEATURES * (count + 1));
  }

  add(id: number, value: number): void {
    if (value !== 0) this.#append(id, value);
  }

  /** A place for a value that is computed later. */
  reserve(id: number): void {
    this.#append(id, 0);
  }

  #append(id: number, value: number): void {
    if (this.#size === this.#ids.length) {
      const [ids, values] = [this.#ids, this.#values];
      this.#ids = new Uint16Array(ids.length * 2);
      this.#ids.set(ids);
      this.#values = new Float32Array(values.length * 2);
      this.#values.set(values);
    }
    this.#ids[this.#size] = id;
    this.#values[this.#size] = value;
    this.#size += 1;
  }

  endSentence(): void {
    this.#sentence += 1;
    this.#starts[this.#sentence] = this.#size;
  }

  rows(): FeatureRows {
    const [ids, values] = [this.#ids.subarray(0, this.#size), this.#values.subarray(0, this.#size)];
    return { count: this.#count, starts: this.#starts, ids, values };
  }
}
