import { type DialoguePiece, isAnswer, isCheck } from './pieces.ts';
import { promptError } from './prompts.ts';
import { seedOf } from './seed.ts';

/** The classes that are assembled: all but FF. */
export type AssembledClass = 'FT' | 'TT' | 'TF';

/**
 * Sentences that lead to the next piece, named as in `connectives.md`: class and next piece. `again` is another answer. In chains with
 * more than two answers: `later-check` is a check after the first, `refuted` and `confirmed` lead to another answer after a wrong or
 * right intermediate one, `later-summary` leads to the summary. `repair` turns away from a wrong step of a repaired chain.
 */
const CONNECTING = {
  'FT check': [
    'Let me check this before I rely on it.',
    'Before going further, let me verify this result.',
    'I should test this against the problem.',
  ],
  'FT again': [
    'So there is a mistake somewhere. Let me start over with a different approach.',
    "Wait, that can't be right. Let me go back and solve it another way.",
    "That doesn't work, so let me go back and try a different method.",
  ],
  'FT summary': [
    'Now I have two different results. Let me work backward from the new one to what was given.',
    "My two results disagree. Let me start from the new one and see whether it leads back to what's given.",
  ],
  'FT later-summary': [
    'My first result was wrong. Let me work backward from the one I have now to what was given.',
    'My first approach led to a wrong result, so let me start from the latest one and trace it back to what was given.',
  ],
  'TT check': [
    'Let me double-check this.',
    'Before I settle on this, let me check it.',
    'Let me verify this against the problem.',
  ],
  'TT again': [
    'That checks out. Let me see whether another method gives the same result.',
    'The check agrees. To be sure, let me solve it again in a different way.',
  ],
  'TT summary': [
    'Finally, let me work backward from the result to what was given.',
    'As a last step, let me start from the result and trace it back to what was given.',
  ],
  'TT later-summary': [
    'Not all of my results agree. Let me work backward from the one that passed its check to what was given.',
    'One of my approaches went wrong. Let me start from the result that passed its check and trace it back to what was given.',
  ],
  'TF check': ['Let me double-check this.', 'Before I settle on this, let me check it.'],
  'TF again': ['Let me check it another way.', 'Let me see whether a different method gives the same result.'],
  'TF summary': [
    'The two results disagree, so one of them must be wrong. Let me work backward from each to what was given.',
    "These results don't match. Let me work backward from both to find the one I can rely on.",
  ],
  'TF later-summary': [
    'My last result disagrees with what I found first, so one of them must be wrong. Let me work backward from each to what was given.',
    "These results don't all match. Let me work backward from them to find the one I can rely on.",
  ],
  'later-check': [
    'Let me check this one as well.',
    'I should test this result too.',
    'Let me verify this before I continue.',
  ],
  refuted: [
    "That doesn't pass the check. Let me go back and try yet another way.",
    "Wait, this can't be right. Let me step back and take another approach.",
  ],
  confirmed: [
    'This one passes the check. Let me see whether another method agrees.',
    'That checks out. To be sure, let me approach it from another side.',
  ],
  repair: [
    "Wait, that step isn't right. Let me go back to what I had before it.",
    'Hold on, I made a mistake there. Let me do that step again.',
    "That can't be right. Let me take this step once more, from what I had before it.",
  ],
} as const satisfies Record<string, readonly string[]>;

export type ConnectivePlace = keyof typeof CONNECTING;
/** Custom sentences that replace the built-in ones, by place. */
export type Connectives = Readonly<Partial<Record<ConnectivePlace, readonly string[]>>>;
const CONNECTIVE_PLACES = Object.keys(CONNECTING) as ConnectivePlace[];

/** The place of a connecting sentence. */
export interface Junction {
  class: AssembledClass;
  piece: Exclude<DialoguePiece, 'answer[1]'>;
  /** Whether the answers before `piece` are right, in order. */
  answers: readonly boolean[];
}

/**
 * The sentence that opens a piece. The chain's id selects the variant, so that assembling again gives the same text.
 * @param own Replaces the built-in variants of its places.
 */
export function connectingSentence(junction: Junction, chainId: string, own: Connectives = {}): string {
  return variantOf(placeOf(junction), seedOf(chainId, junction.piece), own);
}

/** The sentence after a wrong part of a repaired chain. Where nothing is kept before it, the solution starts over as in FT. */
export function turnSentence(chainId: string, isStart: boolean, own: Connectives = {}): string {
  const place = isStart ? 'FT again' : 'repair';
  return variantOf(place, seedOf(chainId, 'repair'), own);
}

function variantOf(place: ConnectivePlace, seed: number, own: Connectives): string {
  const variants = own[place] ?? CONNECTING[place];
  return variants[seed % variants.length] ?? '';
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

/** The optional file of a prompt set with custom connecting sentences, without `.md`. */
export const CONNECTIVES_FILE = 'connectives';

/**
 * Reads `connectives.md` of a prompt set: level-2 headings that name places (`## FT check`), each with a list of sentences. Other places
 * keep the built-in sentences.
 * @throws UserError `prompt` for an unknown place, or one without a sentence.
 */
export function connectivesOf(prompts: Readonly<Record<string, string>>): Connectives {
  const text = prompts[CONNECTIVES_FILE];
  if (text === undefined) return {};
  const found: Partial<Record<ConnectivePlace, string[]>> = {};
  let list: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^## +(.*?) *$/.exec(line)?.[1];
    if (heading !== undefined) {
      const place = CONNECTIVE_PLACES.find((each) => each === heading);
      if (!place) throw promptError(CONNECTIVES_FILE, `“${heading}” is not one of ${CONNECTIVE_PLACES.join(', ')}.`);
      list = [];
      found[place] = list;
    }
    const sentence = /^[-*] +(.*\S)/.exec(line)?.[1];
    if (sentence !== undefined) list?.push(sentence);
  }
  for (const [place, sentences] of Object.entries(found)) {
    if (sentences.length === 0) throw promptError(CONNECTIVES_FILE, `“${place}” has no sentence below it.`);
  }
  return found;
}
