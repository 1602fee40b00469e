/** More names than this are no longer one question. */
const MAX_NAMES = 4;

/** Long solutions speak of many numbers and sums that are not the one asked for. */
const VAGUE: ReadonlySet<string> = new Set(['number', 'sum', 'total', 'product']);

/** Ways in which a text names what a problem asks for. Each pattern has the value as its one group. */
export interface AskedFor {
  /** By a name or a sum: what stands there is put forward as the answer. */
  named: RegExp[];
  /** By a letter or a word that stands for much else too: only a value known from elsewhere counts. */
  vague: RegExp[];
}

/**
 * Of “Find the probability that …” `probability … is VALUE`, of “how many books” `VALUE books`, of “find m + n” `m + n = VALUE`.
 * @param value source of the pattern of a value, with one group
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

/** `m+n` with any spaces, then `=` and a number. */
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

/** Head nouns of what is asked: “Find the area of …”, “What is the smallest number of …” gives `area`, `number`. */
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
