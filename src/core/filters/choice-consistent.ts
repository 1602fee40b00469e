import type { PieceRecord, Verdict } from '../schemas/index.ts';
import { at, placeOf } from './places.ts';
import { answersOf, type FilterRule, pieceOf } from './rule.ts';

const NUMBERS: readonly string[] = ['first', 'second', 'third', 'fourth', 'fifth'];
const NAMED = String.raw`(?<which>first|second|third|fourth|fifth|last|later|earlier)\s+(?:solution|answer|approach|method|attempt|result|way|one|derivation|calculation)`;
/** `the second solution is right`, and the same with `wrong`. */
const JUDGED = new RegExp(
  String.raw`\b${NAMED}\b[^.!?,;:\n]{0,40}?\b(?:is|was|seems|holds|stands|fails|contains|has|made|makes)\b(?<claim>(?:(?!\b(?:while|whereas|and|but|though|although|since|because)\b)[^.!?,;:\n]){0,60})`,
  'gi',
);
const WRONG = /\b(?:wrong|incorrect|not (?:correct|right|reliable|valid)|unreliable|mistaken|error|mistake|fail\w*)\b/i;
const RIGHT = /\b(?:right|correct|reliable|sound|valid|to be trusted|trustworthy)\b/i;
const DOUBTED = /\b(?:if|whether|suppose|would|might|could)\b/i;

/** A chain with two answers must not end with a third one, or call one of them right and box the other. */
export const choiceConsistent: FilterRule = {
  id: 'choice-consistent',
  asks: 'The summary ends with one of the answers before it, and with the one that it calls right.',
  thresholds: [],
  ofVerdicts: true,
  measure: (input) => {
    const summary = pieceOf(input, 'summary');
    const answers = answersOf(input);
    const final = summary?.verdict;
    const known = answers.filter(({ verdict }) => verdict?.extracted !== undefined);
    if (!summary || final?.extracted === undefined || known.length === 0) return undefined;
    const chosen = known.filter(({ verdict }) => verdict && isSame(verdict, final)).map(({ piece }) => piece);
    const threshold = known.map(({ verdict }) => verdict?.extracted).join(' or ');
    const value = final.extracted;
    if (chosen.length === 0) {
      const reason = `The summary ends with ${value}; the answers before it are ${threshold}.`;
      return { passed: false, value, threshold, reason };
    }
    for (const { piece, isRight, start, end } of claimsOf(summary.text, answers)) {
      if (!known.some((answer) => answer.piece === piece) || chosen.includes(piece) === isRight) continue;
      const reason = `The summary calls ${piece} ${isRight ? 'right' : 'wrong'} and ends with ${isRight ? 'another answer' : 'its answer'}, ${value}.`;
      return { passed: false, value, threshold, reason, ...at([placeOf(input, summary, start, end)]) };
    }
    return { passed: true, value, threshold };
  },
};

/** Whether two verdicts are about the same answer. */
function isSame(a: Verdict, b: Verdict): boolean {
  if (a.outcome === 'correct' && b.outcome === 'correct') return true;
  if (a.outcome !== b.outcome) return false;
  const form = ({ prediction, extracted }: Verdict): string => (prediction ?? extracted ?? '').replace(/\s+/g, '');
  return form(a) === form(b);
}

interface Claim {
  piece: string;
  isRight: boolean;
  start: number;
  end: number;
}

/** Claims of a summary about the answers by their order; the last one about each answer counts. */
function claimsOf(text: string, answers: readonly PieceRecord[]): Claim[] {
  const claims = new Map<string, Claim>();
  for (const match of text.matchAll(JUDGED)) {
    const { which = '', claim = '' } = match.groups ?? {};
    const piece = pieceNamed(which.toLowerCase(), answers);
    const before = text.slice(Math.max(0, match.index - 30), match.index);
    if (piece === undefined || DOUBTED.test(before) || DOUBTED.test(claim)) continue;
    const isWrong = WRONG.test(match[0].slice(which.length));
    if (!isWrong && !RIGHT.test(claim)) continue;
    claims.set(piece, { piece, isRight: !isWrong, start: match.index, end: match.index + match[0].length });
  }
  return [...claims.values()];
}

function pieceNamed(which: string, answers: readonly PieceRecord[]): string | undefined {
  if (which === 'last' || which === 'later') return answers.at(-1)?.piece;
  if (which === 'earlier') return answers[0]?.piece;
  return answers[NUMBERS.indexOf(which)]?.piece;
}
