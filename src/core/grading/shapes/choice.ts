/** Words that retract a choice or add another: `A or B`, `(A) and (B)`, `A is wrong`, `A, maybe`. */
const HEDGED =
  /^[\s,;.:]*(?:(?:and|or|nor|but|maybe|perhaps|possibly|probably|unless|not|cannot|can['’]t|isn['’]t)(?![A-Za-z])|(?:is|was|seems|looks)\s+(?:not|wrong|incorrect|false|excluded)(?![A-Za-z])|[&/?]|(?:and|or)?\s*\([A-J]\))/i;

/** Whether the words after a letter show that it is not the one choice. */
export function isHedged(behind: string): boolean {
  const plain = behind.replace(/\\(?:text|textbf|mathrm|mathbf|quad|qquad)(?![a-z])|[${}*~]|\\[()[\] ,;]/g, ' ');
  return HEDGED.test(plain);
}

const LETTER = /^\(?([A-J])\)?$/;
const LABELLED = /^(?:\(([A-J])\)|([A-J])[.:)]|([A-J])(?=[\s。]|[\u4e00-\u9fff]))\s*(.+)$/s;

export interface Choice {
  readonly letter: string;
  /** The text after the letter, as `Alina` in `(D) Alina`. */
  readonly rest: string;
}

/** Reads `C`, `(C)`, `C. 12`, `(C) Alina`, `C Cecile`. The text has no LaTeX wrappers but keeps its spaces. */
export function readChoice(text: string): Choice | undefined {
  const plain = text
    .replace(/\\(?:text|textbf|mathrm|mathbf|textrm|textit)\s*\{([^{}]*)\}/g, '$1')
    .replace(/[$*]|\\[()[\] ,]|~/g, ' ')
    .replace(/^\s*(?:option|choice|answer)\s+/i, '')
    .trim()
    .replace(/[.。]$/, '');
  const letter = LETTER.exec(plain);
  if (letter?.[1] !== undefined) return { letter: letter[1], rest: '' };
  const labelled = LABELLED.exec(plain);
  const found = labelled?.[1] ?? labelled?.[2] ?? labelled?.[3];
  if (labelled === null || found === undefined || isHedged(labelled[4] ?? '')) return undefined;
  // `A B` or `C = 2` are mathematics, `A person` has an article.
  if (labelled[3] !== undefined && !/^(?:[A-Z][A-Za-z]+|[。\u4e00-\u9fff])/.test(labelled[4] ?? '')) return undefined;
  return { letter: found, rest: (labelled[4] ?? '').trim() };
}
