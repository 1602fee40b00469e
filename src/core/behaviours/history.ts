import { GROUP, type GroupName } from './lexicon.ts';
import type { ScannedSentence } from './scan.ts';

/** Age of the last such sentence, in sentences; `Infinity` before the first. */
export interface Ages {
  check: number;
  wait: number;
  outcome: number;
  wrong: number;
  turn: number;
  method: number;
  question: number;
  /** A task was named; a conclusion was drawn; the approach was called difficult; an equality failed. */
  announced: number;
  concluded: number;
  stuck: number;
  failed: number;
}

/** Position of a sentence within lines and paragraphs. */
export interface Layout {
  /** It starts a paragraph; number of sentences before it in the paragraph. */
  paragraph: boolean;
  inParagraph: number;
  /** The first sentence of the paragraph opened a check; it hesitated. */
  paragraphChecks: boolean;
  paragraphWaits: boolean;
  item: boolean;
  heading: boolean;
  /** After the end of the thought: the text is written for a reader. */
  afterThought: boolean;
}

const {
  agrees: AGREES,
  alternatively: ALTERNATIVELY,
  case: CASE,
  correct: CORRECT,
  finally: FINALLY,
  'makes sense': MAKES_SENSE,
  miss: MISS,
  next: NEXT,
  not: NOT,
  'not agrees': NOT_AGREES,
  'not correct': NOT_CORRECT,
  now: NOW,
  okay: OKAY,
  'other method': OTHER_METHOD,
  therefore: THEREFORE,
  wait: WAIT,
  wrong: WRONG,
} = GROUP;

/** Words of a sentence that count as its opening. */
const OPENING_WORDS = 3;

/** Whether a sentence contains a word of a group, given by number (GROUP) because a look-up by name is slow. */
export function hasGroup(sentence: ScannedSentence, group: number): boolean {
  return sentence.groups[group] !== 0;
}

/** A test whether a word of the group is among the first words of a sentence. */
export function opener(group: GroupName): (sentence: ScannedSentence) => boolean {
  const number = GROUP[group];
  return ({ groups }) => isOpening(groups[number] ?? 0);
}

/** Whether a place (see ScannedSentence) is one of the first words. */
export function isOpening(place: number): boolean {
  return place > 0 && place <= OPENING_WORDS;
}

const numbers = (groups: readonly GroupName[]): number[] => groups.map((group) => GROUP[group]);
function hasAnyGroup({ groups }: ScannedSentence, numbers: readonly number[]): boolean {
  for (let i = 0; i < numbers.length; i += 1) if (groups[numbers[i] ?? 0] !== 0) return true;
  return false;
}

const OPEN_CHECK = numbers(['intend check', 'intend redo', 'to check', 'check again', 'substitute back', 'checking']);
const opensCheck = (sentence: ScannedSentence): boolean => hasAnyGroup(sentence, OPEN_CHECK);

const ANNOUNCE = numbers([
  'must do',
  'intend compute',
  'intend operate',
  'now compute',
  'next compute',
  'ordinal compute',
  'ordinal need',
  'need compute',
  'how many',
  'goal',
]);
const opensCompute = opener('compute');

/** Whether a sentence names a task, judged by its words alone. */
export function announces(sentence: ScannedSentence): boolean {
  return opensCompute(sentence) || hasAnyGroup(sentence, ANNOUNCE);
}

const STUCK = numbers([
  'complicated',
  'not helps',
  'not how',
  'method not',
  'method wrong',
  'seems implausible',
  'not work',
  'not sense',
]);

/** Tracks what earlier sentences opened and closed, and where paragraphs start. */
export class History {
  readonly #text: string;
  readonly #thoughtEnd: number;
  readonly #at: Ages = {
    check: Number.NEGATIVE_INFINITY,
    wait: Number.NEGATIVE_INFINITY,
    outcome: Number.NEGATIVE_INFINITY,
    wrong: Number.NEGATIVE_INFINITY,
    turn: Number.NEGATIVE_INFINITY,
    method: Number.NEGATIVE_INFINITY,
    question: Number.NEGATIVE_INFINITY,
    announced: Number.NEGATIVE_INFINITY,
    concluded: Number.NEGATIVE_INFINITY,
    stuck: Number.NEGATIVE_INFINITY,
    failed: Number.NEGATIVE_INFINITY,
  };
  readonly #layout: Layout = {
    paragraph: true,
    inParagraph: 0,
    paragraphChecks: false,
    paragraphWaits: false,
    item: false,
    heading: false,
    afterThought: false,
  };
  readonly #ages: Ages = { ...this.#at };
  /** A check was opened and not closed. */
  open = false;

  constructor(text: string) {
    this.#text = text;
    const end = text.search(/<\/think|<\|end_of_thought/);
    this.#thoughtEnd = end < 0 ? Number.POSITIVE_INFINITY : end;
  }

  /** Ages at sentence `index`. The object is reused for the next sentence. */
  ages(index: number): Ages {
    const [ages, at] = [this.#ages, this.#at];
    ages.check = index - at.check;
    ages.wait = index - at.wait;
    ages.outcome = index - at.outcome;
    ages.wrong = index - at.wrong;
    ages.turn = index - at.turn;
    ages.method = index - at.method;
    ages.question = index - at.question;
    ages.announced = index - at.announced;
    ages.concluded = index - at.concluded;
    ages.stuck = index - at.stuck;
    ages.failed = index - at.failed;
    return ages;
  }

  /** Layout of the sentence that starts at `start`. The object is reused for the next sentence. */
  layout(start: number, sentence: ScannedSentence): Layout {
    const [text, layout] = [this.#text, this.#layout];
    layout.paragraph = start === 0 || blankLineBefore(text, start);
    layout.inParagraph = layout.paragraph ? 0 : layout.inParagraph + 1;
    if (layout.paragraph) {
      layout.paragraphChecks = opensCheck(sentence);
      layout.paragraphWaits = hasGroup(sentence, WAIT);
    }
    const [first, second] = [text.charAt(start), text.charAt(start + 1)];
    layout.heading = first === '#' || (first === '*' && second === '*');
    layout.item = (second === ' ' && '-*•'.includes(first)) || numbered(text, start);
    layout.afterThought = start >= this.#thoughtEnd;
    return layout;
  }

  /** Records what sentence `index` opens and closes; `announces` and `outcome` as in the features. */
  remember(
    index: number,
    sentence: ScannedSentence,
    { announces, outcome }: { announces: boolean; outcome: number },
  ): void {
    const [at, layout] = [this.#at, this.#layout];
    const has = (group: number): boolean => hasGroup(sentence, group);
    const turns = has(NEXT) || has(CASE);
    if (opensCheck(sentence)) {
      at.check = index;
      this.open = true;
    } else if (layout.heading || sentence.boxed || (layout.paragraph && (turns || has(NOW)))) {
      this.open = false;
    }
    if (has(WAIT)) at.wait = index;
    if ((has(CORRECT) || has(AGREES) || has(OKAY) || has(MAKES_SENSE)) && !has(NOT)) at.outcome = index;
    if (has(WRONG) || has(MISS) || has(NOT_CORRECT) || has(NOT_AGREES)) at.wrong = index;
    if (layout.heading || turns || has(FINALLY)) at.turn = index;
    if (has(OTHER_METHOD) || has(ALTERNATIVELY)) at.method = index;
    if (sentence.questions > 0) at.question = index;
    if (announces) at.announced = index;
    if (has(THEREFORE) && sentence.results.length > 0) at.concluded = index;
    if (hasAnyGroup(sentence, STUCK)) at.stuck = index;
    if (outcome < 0) at.failed = index;
  }
}

/** `12. ` or `3) ` at a place. */
function numbered(text: string, start: number): boolean {
  let at = start;
  while (at < start + 2 && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at += 1;
  return at > start && (text.charAt(at) === '.' || text.charAt(at) === ')') && text.charAt(at + 1) === ' ';
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
