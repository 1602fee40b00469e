import { type DialoguePiece, isAnswer, isCheck } from './pieces.ts';
import { seedOf } from './seed.ts';

/** The classes that are assembled; FF never is. */
export type AssembledClass = 'FT' | 'TT' | 'TF';

/**
 * Places in a chain where a sentence leads from one piece into the next, named as in `connectives.md`. The first word is the class of
 * the chain; `check`: into a check; `again`: into another answer; `summary`: into the summary. Of a chain with more than two answers:
 * `later-check`: into a check after the first; `refuted` / `confirmed`: into another answer after an answer in between was wrong / right;
 * `later-summary`: into the summary.
 */
const CONNECTING = {
  'FT check': [
    'Before I rely on that, let me check it.',
    'Let me verify this before going on.',
    'I should test this result against the problem.',
  ],
  'FT again': [
    'So something went wrong there. Let me start again and take a different way.',
    'Wait, that cannot stand. I will go back and solve it by another method.',
    'That does not hold up, so let me back up and try another approach.',
  ],
  'FT summary': [
    'Now I have two different results, so let me work back from the new one to the givens.',
    'The two results differ. Let me start from the new one and go back to what was given.',
  ],
  'FT later-summary': [
    'My first result did not hold. Let me work back from the one I have now to the givens.',
    'The first way led me astray, so let me start from the latest result and go back to what was given.',
  ],
  'TT check': [
    'Let me make sure of this.',
    'Before I settle on it, let me check it.',
    'Let me verify this against the problem.',
  ],
  'TT again': [
    'That holds. Let me see whether another way leads to the same place.',
    'The check agrees. To be certain, let me solve it once more by a different method.',
  ],
  'TT summary': [
    'Finally, let me go backwards from the result to the givens.',
    'To close, let me start from the result and work back to what was given.',
  ],
  'TT later-summary': [
    'Not everything I tried agrees. Let me go backwards from the result that held to the givens.',
    'One of these ways went wrong. Let me start from the result that stood the test and work back to what was given.',
  ],
  'TF check': ['Let me make sure of this.', 'Before I settle on it, let me check it.'],
  'TF again': ['Let me also try another way, to compare.', 'Let me see whether a different method says the same.'],
  'TF summary': [
    'The two ways disagree, so one of them has a mistake. Let me work back from each to the givens.',
    'These results do not agree. Let me go backwards from them to find the one I can rely on.',
  ],
  'TF later-summary': [
    'The last way disagrees with what I found first, so one of them has a mistake. Let me work back from each to the givens.',
    'These results do not all agree. Let me go backwards from them to find the one I can rely on.',
  ],
  'later-check': [
    'Let me check this one as well.',
    'This has to be tested too.',
    'Let me put this to the test before I go on.',
  ],
  refuted: [
    'This does not stand up to the check. Let me go back and try yet another way.',
    'Wait, this cannot be right. Let me back up and take another approach.',
  ],
  confirmed: [
    'This one stands up to the check. Let me see whether yet another way agrees.',
    'That holds. To be certain, let me come at it from another side.',
  ],
} as const satisfies Record<string, readonly string[]>;

export type ConnectivePlace = keyof typeof CONNECTING;
/** Sentences of one's own in the place of the built-in ones, by place. */
export type Connectives = Readonly<Partial<Record<ConnectivePlace, readonly string[]>>>;
export const CONNECTIVE_PLACES = Object.keys(CONNECTING) as ConnectivePlace[];

/** Where a connecting sentence stands. */
export interface Junction {
  class: AssembledClass;
  piece: Exclude<DialoguePiece, 'answer[1]'>;
  /** Whether the answers that the chain shows before `piece` are right, in order. */
  answers: readonly boolean[];
}

/**
 * The sentence that opens a piece. The chain's id chooses among the variants, so that assembling again gives the same text.
 *
 * @param own Replaces the built-in variants of the places that it has.
 */
export function connectingSentence(junction: Junction, chainId: string, own: Connectives = {}): string {
  const place = placeOf(junction);
  const variants = own[place] ?? CONNECTING[place];
  return variants[seedOf(chainId, junction.piece) % variants.length] ?? '';
}

function placeOf({ class: chainClass, piece, answers }: Junction): ConnectivePlace {
  const last = answers.at(-1) ?? false;
  if (isCheck(piece)) return answers.length > 1 ? 'later-check' : `${chainClass} check`;
  if (isAnswer(piece)) {
    if (answers.length > 1) return last ? 'confirmed' : 'refuted';
    return `${chainClass} again`;
  }
  if (chainClass === 'TT') return answers.every(Boolean) ? 'TT summary' : 'TT later-summary';
  return answers.length > 2 ? `${chainClass} later-summary` : `${chainClass} summary`;
}
