import type { DialoguePiece } from './pieces.ts';
import { seedOf } from './seed.ts';

/** The classes that are assembled; FF never is. */
export type AssembledClass = 'FT' | 'TT' | 'TF';

/**
 * Sentences that lead from one piece into the next, by class, in the first person: the chain is one mind thinking on, not
 * documents laid end to end. Several per place, so that a model does not learn one fixed phrase.
 */
const CONNECTING: Record<AssembledClass, Record<Exclude<DialoguePiece, 'answer[1]'>, readonly string[]>> = {
  FT: {
    'check[1]': [
      'Before I rely on that, let me check it.',
      'Let me verify this before going on.',
      'I should test this result against the problem.',
    ],
    'answer[2]': [
      'So something went wrong there. Let me start again and take a different way.',
      'Wait, that cannot stand. I will go back and solve it by another method.',
      'That does not hold up, so let me back up and try another approach.',
    ],
    summary: [
      'Now I have two different results, so let me work back from the new one to the givens.',
      'The two results differ. Let me start from the new one and go back to what was given.',
    ],
  },
  TT: {
    'check[1]': [
      'Let me make sure of this.',
      'Before I settle on it, let me check it.',
      'Let me verify this against the problem.',
    ],
    'answer[2]': [
      'That holds. Let me see whether another way leads to the same place.',
      'The check agrees. To be certain, let me solve it once more by a different method.',
    ],
    summary: [
      'Finally, let me go backwards from the result to the givens.',
      'To close, let me start from the result and work back to what was given.',
    ],
  },
  TF: {
    'check[1]': ['Let me make sure of this.', 'Before I settle on it, let me check it.'],
    'answer[2]': ['Let me also try another way, to compare.', 'Let me see whether a different method says the same.'],
    summary: [
      'The two ways disagree, so one of them has a mistake. Let me work back from each to the givens.',
      'These results do not agree. Let me go backwards from them to find the one I can rely on.',
    ],
  },
};

/** When answer[2] was left out because it nearly repeats answer[1]. */
const STRAIGHT_TO_SUMMARY = CONNECTING.TT.summary;

/**
 * The sentence that opens `piece` in a chain of this class. The chain's id chooses among the variants, so that assembling again
 * gives the same text.
 */
export function connectingSentence(
  chainClass: AssembledClass,
  piece: Exclude<DialoguePiece, 'answer[1]'>,
  previous: DialoguePiece,
  chainId: string,
): string {
  const variants = piece === 'summary' && previous === 'check[1]' ? STRAIGHT_TO_SUMMARY : CONNECTING[chainClass][piece];
  return variants[seedOf(chainId, piece) % variants.length] ?? '';
}
