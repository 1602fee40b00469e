import { findBoxes } from '../dialogue/boxes.ts';

/** A place where the text commits to a value. Offsets are those of the value, in UTF-16 code units. */
export interface CandidateAnswer {
  start: number;
  end: number;
  answer: string;
}

/** A value: a formula in delimiters, or a bare number with sign, thousands, decimals, fraction or percent. */
const VALUE = String.raw`(\$\$?[^$\n]{1,120}\$\$?|\\\([^\n]{1,120}?\\\)|[-−]?\$?\d[\d,]*(?:\.\d+)?(?:\/\d+)?%?)`;
const STATED = new RegExp(
  String.raw`\b(?:answer|result|solution|total|sum|value|probability|area|number|product|difference|cost|distance)\b[^.\n$\\]{0,40}?\b(?:is|are|equals|be|becomes|comes to)\b[:\s]*(?:therefore |then |thus |simply |just |exactly )?(?:\*\*)?${VALUE}`,
  'gi',
);
const CONCLUDED = new RegExp(
  String.raw`\b(?:so|thus|hence|therefore|which (?:gives|means)|giving|we get|I get|that gives|leaves|makes)\b[^.\n$\\]{0,60}?${VALUE}(?=\s*[.!\n](?!\d)|\s*$)`,
  'gi',
);

/**
 * Places where the text states a candidate answer: boxes, “the answer is …”, and conclusions that end a sentence. A first, narrow
 * reading: it would rather miss one than call every number an answer. Ordered and disjoint.
 */
export function findCandidates(text: string): CandidateAnswer[] {
  const found: CandidateAnswer[] = findBoxes(text).map((box) => ({
    start: box.innerStart,
    end: box.innerEnd,
    answer: text.slice(box.innerStart, box.innerEnd).trim(),
  }));
  for (const pattern of [STATED, CONCLUDED]) {
    for (const match of text.matchAll(pattern)) {
      const value = match[1];
      if (value === undefined) continue;
      const end = match.index + match[0].length;
      found.push(inside(text, end - value.length, end));
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let reached = -1;
  return found.filter((candidate) => {
    if (candidate.start < reached || candidate.answer === '') return false;
    reached = candidate.end;
    return true;
  });
}

/** The value without its maths delimiters; of an equation, its right side. */
function inside(text: string, start: number, end: number): CandidateAnswer {
  const value = text.slice(start, end);
  const delimiters = /^(\$\$?|\\\()([\s\S]*?)(\$\$?|\\\))$/.exec(value);
  let from = start + (delimiters?.[1]?.length ?? 0);
  const to = end - (delimiters?.[3]?.length ?? 0);
  const equals = text.slice(from, to).lastIndexOf('=');
  if (equals >= 0 && delimiters) from += equals + 1;
  const inner = text.slice(from, to);
  const lead = inner.length - inner.trimStart().length;
  return { start: from + lead, end: from + inner.trimEnd().length, answer: inner.trim() };
}
