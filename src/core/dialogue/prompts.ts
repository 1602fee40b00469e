import { UserError } from '../errors.ts';
import { BEHAVIOURS, type Behaviour, type ChatMessage, type DialogueSettings } from '../schemas/index.ts';

/**
 * A prompt file is Markdown with level-2 headings `system`, `user`, `assistant` and `follow-up`. Sections before the last user section
 * are examples, sent as earlier turns. `follow-up` is the request in a true dialogue, whose chat contains the earlier pieces.
 */
export interface PromptTemplate {
  examples: ChatMessage[];
  request: string;
  followUp: string | undefined;
}

/**
 * Values of the placeholders `{{name}}`. `answer`: what a check checks. In a summary, `first`, `check`, `second`: the first answer, its
 * check, the last answer; `pieces`: all pieces so far with headings. `hint`: in hinted mode the file `hint`, which contains `gold`.
 * `context`, `sentences`: what a judge reads before, and what it labels.
 */
export interface PromptValues {
  problem: string;
  answer?: string;
  first?: string;
  check?: string;
  second?: string;
  pieces?: string;
  hint?: string;
  gold?: string;
  context?: string;
  sentences?: string;
}

const PLACEHOLDERS = [
  'problem',
  'answer',
  'first',
  'check',
  'second',
  'pieces',
  'hint',
  'gold',
  'context',
  'sentences',
] as const satisfies (keyof PromptValues)[];

/** A prompt file that can't be used. `problem` includes what to change. */
export function promptError(file: string, problem: string): UserError {
  return new UserError('prompt', `Prompt file ${file}.md: ${problem}`, '');
}

const HEADING = /^## +(system|user|assistant|follow-up) *$/gm;

/** Splits a prompt file into its sections. Throws UserError `prompt` without a final `## user` section. */
export function parsePrompt(file: string, text: string): PromptTemplate {
  const headings = [...text.replace(/\r\n/g, '\n').matchAll(HEADING)];
  const sections = headings.map((heading, i) => ({
    role: heading[1] as ChatMessage['role'] | 'follow-up',
    content: text
      .replace(/\r\n/g, '\n')
      .slice(heading.index + heading[0].length, headings[i + 1]?.index)
      .trim(),
  }));
  const followUp = sections.find((section) => section.role === 'follow-up')?.content;
  const turns = sections.filter((section) => section.role !== 'follow-up');
  const request = turns.pop();
  if (request?.role !== 'user' || request.content === '') {
    throw promptError(file, 'the last section before “## follow-up” must be a “## user” section with the request.');
  }
  return {
    examples: turns.map(({ role, content }) => ({ role: role as ChatMessage['role'], content })),
    request: request.content,
    followUp,
  };
}

/** Sample values for the placeholders of each piece, to try a prompt file before a run. */
const SAMPLES: Readonly<Record<string, PromptValues>> = {
  'answer-1': { problem: 'p' },
  check: { problem: 'p', answer: 'a' },
  'answer-2': { problem: 'p' },
  summary: { problem: 'p', first: 'a', check: 'c', second: 'b', pieces: 'abc' },
};

/** The file with the gold answer for hinted mode. */
const HINT_FILE = 'hint';

/**
 * Renders every prompt file of a set once, before a round does.
 * @throws UserError `prompt` for the first file that is missing, has no request, or has a placeholder without a value.
 */
export function checkPrompts(
  texts: Readonly<Record<string, string>>,
  { asking, mode }: Pick<DialogueSettings, 'asking' | 'mode'>,
): void {
  const hint = mode === 'hinted' ? { hint: renderHint(texts, 'g') } : {};
  for (const [file, values] of Object.entries(SAMPLES)) {
    const sample = file === 'answer-1' ? values : { ...values, ...hint };
    renderPrompt(texts, file, sample);
    if (asking === 'dialogue' && file !== 'answer-1')
      renderPrompt(texts, file, sample, [{ role: 'user', content: 'p' }]);
  }
}

/** The prompt files with the fragments of disabled behaviours emptied. Their hash identifies what a round asks. */
export function effectivePrompts(
  texts: Readonly<Record<string, string>>,
  off: readonly Behaviour[],
): Record<string, string> {
  return { ...texts, ...Object.fromEntries(off.map((kind) => [`behaviour-${kind}`, ''])) };
}

/** The hint with the gold answer. Throws UserError `prompt` if `hint.md` is missing or does not contain `{{gold}}`. */
export function renderHint(texts: Readonly<Record<string, string>>, gold: string): string {
  const text = texts[HINT_FILE];
  if (text === undefined)
    throw promptError(HINT_FILE, 'the file is missing, and hinted mode needs it. See docs/how-to/generate-chains.md.');
  if (!text.includes('{{gold}}')) throw promptError(HINT_FILE, '{{gold}}, the gold answer, is missing.');
  return fill(texts, HINT_FILE, text, { problem: '', gold });
}

/**
 * The messages of one call. Without `{{hint}}` in the file, a hint is appended to the request. `texts` holds all files of the set by name
 * without `.md`; `{{behaviour:kind}}` is replaced by the file `behaviour-<kind>`, or by nothing if that is missing or empty (an ablation).
 */
export function renderPrompt(
  texts: Readonly<Record<string, string>>,
  file: string,
  values: PromptValues,
  history?: readonly ChatMessage[],
): ChatMessage[] {
  const text = texts[file];
  if (text === undefined) throw promptError(file, 'the file is missing. Restore it, or create the dataset again.');
  const template = parsePrompt(file, text);
  if (history && history.length > 0) {
    if (template.followUp === undefined) {
      throw promptError(file, 'asking in one dialogue needs a “## follow-up” section.');
    }
    return [...history, { role: 'user', content: fill(texts, file, withHint(template.followUp, values), values) }];
  }
  return [
    ...template.examples,
    { role: 'user', content: fill(texts, file, withHint(template.request, values), values) },
  ];
}

function withHint(request: string, { hint }: PromptValues): string {
  return hint === undefined || request.includes('{{hint}}') ? request : `${request}\n\n{{hint}}`;
}

function fill(texts: Readonly<Record<string, string>>, file: string, text: string, values: PromptValues): string {
  const filled = text.replace(/\{\{([a-z]+)(?::([a-z]+))?\}\}/g, (whole, name: string, argument?: string) => {
    if (name === 'behaviour') {
      const kind = BEHAVIOURS.find((behaviour) => behaviour === argument);
      if (!kind) throw promptError(file, `${whole} is not one of ${BEHAVIOURS.join(', ')}.`);
      return (texts[`behaviour-${kind}`] ?? '').trim();
    }
    const known = PLACEHOLDERS.find((placeholder) => placeholder === name);
    const value = known === 'hint' ? (values.hint ?? '') : known && values[known];
    if (value === undefined) throw promptError(file, `${whole} has no value in this piece.`);
    return value;
  });
  // An empty fragment leaves blank lines.
  return filled.replace(/\n{3,}/g, '\n\n').trim();
}

/** The prompt file that never contains the gold answer. */
const WITHOUT_HINT = 'answer-1';

/**
 * The names of the files that decide the prompt of a piece, sorted: its own file, the hint in hinted mode, and their fragments. Missing
 * files are not listed.
 */
export function filesOf(
  texts: Readonly<Record<string, string>>,
  file: string,
  mode: DialogueSettings['mode'],
): string[] {
  if (texts[file] === undefined) return [];
  const own = mode === 'hinted' && file !== WITHOUT_HINT ? [file, HINT_FILE] : [file];
  const fragments = own.flatMap((name) =>
    [...(texts[name] ?? '').matchAll(/\{\{behaviour:([a-z]+)\}\}/g)].map(([, kind]) => `behaviour-${kind}`),
  );
  return [...new Set([...own, ...fragments])].filter((name) => texts[name] !== undefined).sort();
}
