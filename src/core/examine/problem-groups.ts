import { FEWEST_PROBLEM_WORDS, PROBLEM_GRAM } from './examined.ts';
import { PLACES, writeSignature } from './minhash.ts';
import { nearGroups } from './near-duplicates.ts';
import { NEAR } from './set.ts';
import { hashedWords, withoutNamesAndNumbers } from './words.ts';

/**
 * Groups of near-duplicate problems, as an examination finds them: names and numbers make no difference. Short problems are in a group of their own.
 * @returns For each problem the index of the first one of its group.
 */
export function problemGroups(problems: readonly string[]): Uint32Array {
  const signatures = new Uint8Array(problems.length * PLACES);
  const signed: number[] = [];
  for (const [i, problem] of problems.entries()) {
    const words = hashedWords(withoutNamesAndNumbers(problem));
    if (words.length < FEWEST_PROBLEM_WORDS) continue;
    if (writeSignature(words, PROBLEM_GRAM, signatures, i * PLACES)) signed.push(i);
  }
  const at = (index: number) => ({ values: signatures, from: index * PLACES });
  return nearGroups({ length: problems.length, at }, Uint32Array.from(signed), NEAR);
}
