import type { LossMask } from './rows.ts';

/** A part of an answer with one value of the mask. */
export interface MaskedPart {
  text: string;
  train: boolean;
}

/**
 * Splits an answer into non-empty parts with the same mask, in order. Offsets of the mask are code points. Uncovered text is trained; where
 * entries overlap, text is masked, because a possible mistake must not be trained.
 */
export function maskedParts(answer: string, mask: LossMask): MaskedPart[] {
  const parts: MaskedPart[] = [];
  let at = 0;
  for (const character of answer) {
    const train = isTrained(mask, at++);
    const last = parts.at(-1);
    if (last?.train === train) last.text += character;
    else parts.push({ text: character, train });
  }
  return parts;
}

/** Trained code units of the answer. */
export function trainedLength(answer: string, mask: LossMask): number {
  return maskedParts(answer, mask).reduce((sum, { text, train }) => sum + (train ? text.length : 0), 0);
}

/** Whether the code point at `at` counts in the loss. */
export function isTrained(mask: LossMask, at: number): boolean {
  return !mask.some(({ start, end, train }) => !train && start <= at && at < end);
}
