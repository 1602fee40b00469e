import type { LossMask } from './rows.ts';

/** A run of an answer that is trained or not. */
export interface MaskedPart {
  text: string;
  train: boolean;
}

/**
 * The answer cut into runs that are trained alike, in order, none empty; together they are the answer. Offsets of the mask are code points; what no run
 * covers is trained, and where two runs overlap the text is masked: what may be a mistake is never trained.
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

/** Code units of the answer that are trained. */
export function trainedLength(answer: string, mask: LossMask): number {
  return maskedParts(answer, mask).reduce((sum, { text, train }) => sum + (train ? text.length : 0), 0);
}

/** Whether the code point at `at` counts in the loss. */
export function isTrained(mask: LossMask, at: number): boolean {
  return !mask.some(({ start, end, train }) => !train && start <= at && at < end);
}
