/** A problem with more names than this has no single question. */
const MAX_NAMES = 4;

/** Nouns that are too common in solutions to identify the answer. */
const VAGUE: ReadonlySet<string> = new Set(['number', 'sum', 'total', 'product']);

/** Patterns of how a text names what a problem asks for. Each has the value as its only group. */
export interface AskedFor {
  /** The value is a candidate answer. */
  named: RegExp[];
  /** A letter or a common word: the value counts only if it is already known as an answer. */
  vague: RegExp[];
}

/**
 * “Find the probability that …” gives `probability … is VALUE`, “how many books” gives `VALUE books`, “find m + n” gives `m + n = VALUE`.
 * @param value Source of the pattern of a value, with one group.
 */
export function askedFor(problem: string, value: string): AskedFor {
  const named: RegExp[] = [];
  const vague: RegExp[] = [];
  const sums =
    /\b(?:find|compute|determine|evaluate|what is)\s+(?:the value of\s+)?(?:\$|\\\()([^$\\]{1,30}?)(?:\$|\\\))/gi;
  for (const [, sum = ''] of problem.matchAll(sums)) {
    if (/[a-zA-Z]/.test(sum)) (sum.trim().length < 3 ? vague : named).push(equation(sum, value));
  }
  for (const [, noun = ''] of problem.matchAll(/\bhow (?:many|much) (?:more |fewer |of the )?([a-z]{3,20})/gi)) {
    named.push(counted(noun, value));
  }
  for (const noun of nouns(problem)) (VAGUE.has(noun) ? vague : named).push(byName(noun, value));
  return { named: named.slice(0, MAX_NAMES), vague: vague.slice(0, MAX_NAMES) };
}

/** `m+n` with optional spaces, then `=` and a number. */
function equation(sum: string, value: string): RegExp {
  const parts = [...sum.replace(/\s+/g, '')].map(literally).join(String.raw`\s*`);
  return new RegExp(String.raw`(?<![\w\\])${parts}\s*(?:\$|\\\))?\s*(?:=|is)\s*(?:[^=.\n]{1,60}=\s*)?${value}`, 'g');
}

function counted(noun: string, value: string): RegExp {
  return new RegExp(
    String.raw`\b(?:so|thus|therefore|hence|in total|altogether|has|have|are|is|needs?|gets?|leaves?|left|makes?|total of)\b[^.\n$\\]{0,40}?${value} (?:[a-z]+ )?${literally(noun)}\b`,
    'gi',
  );
}

function byName(noun: string, value: string): RegExp {
  return new RegExp(
    String.raw`\b${literally(noun)}\b[^.\n$\\=]{0,60}?(?:\b(?:is|are|equals|be|becomes|comes to)\b|=)[\s:]*(?:therefore |then |thus |simply |just |exactly )?(?:\*\*)?${value}`,
    'gi',
  );
}

/** Head nouns of the question: “Find the area of …”, “What is the smallest number of …” give `area`, `number`. */
function nouns(problem: string): string[] {
  const asked =
    /\b(?:what (?:is|are|was|were|will be)|find|determine|compute|calculate|evaluate)\s+(?:the|its|their|his|her)\s+((?:[a-z-]+\s+){0,4}?[a-z-]{3,20})(?=\s+(?:of|that|such|if|when|in|for|with|to|which|so|on|at|from|between|by|per|does|did|do|he|she|they|it)\b|\s*[?.,;$\\]|$)/gi;
  const heads = [...problem.matchAll(asked)].map(([, phrase = '']) => phrase.trim().split(/\s+/).at(-1) ?? '');
  return [...new Set(heads.filter((head) => head.length >= 3).map((head) => head.toLowerCase()))].filter(
    (head) => head !== 'value' && head !== 'values',
  );
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
