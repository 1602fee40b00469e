import { BEHAVIOURS, type Behaviour, type ChatMessage, type DialogueSettings } from '../model/index.ts';

/**
 * A prompt file is Markdown with level-2 headings `system`, `user`, `assistant` and `follow-up`. User/assistant sections before the
 * last user section are worked examples, sent as earlier turns. `follow-up` is the request in a true dialogue, where the earlier
 * pieces already stand in the chat.
 */
export interface PromptTemplate {
  examples: ChatMessage[];
  request: string;
  followUp: string | undefined;
}

/**
 * What a placeholder `{{name}}` stands for: `answer` is what a check checks; in a summary, `first` is the first answer, `check` its check
 * and `second` the last answer, and `pieces` is all pieces so far with their headings. `hint` is the file `hint` with the trusted answer as its
 * `gold` in hinted mode, and nothing otherwise. `context` and `sentences` are what a judge reads before and what it labels.
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

/** A prompt file that cannot be used; the message names the file and says what to change. */
export class PromptError extends Error {
  readonly file: string;
  constructor(file: string, problem: string) {
    super(`Prompt file ${file}.md: ${problem}`);
    this.name = 'PromptError';
    this.file = file;
  }
}

const HEADING = /^## +(system|user|assistant|follow-up) *$/gm;

/** Splits a prompt file into its sections. Throws PromptError when there is no `## user` section to end with. */
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
    throw new PromptError(file, 'the last section before “## follow-up” must be a “## user” section with the request.');
  }
  return {
    examples: turns.map(({ role, content }) => ({ role: role as ChatMessage['role'], content })),
    request: request.content,
    followUp,
  };
}

/** Values for every placeholder of a piece, to try a prompt file before anything is paid for. */
const TRIAL: Readonly<Record<string, PromptValues>> = {
  'answer-1': { problem: 'p' },
  check: { problem: 'p', answer: 'a' },
  'answer-2': { problem: 'p' },
  summary: { problem: 'p', first: 'a', check: 'c', second: 'b', pieces: 'abc' },
};

/** The fragment that tells the trusted answer in hinted mode. */
export const HINT_FILE = 'hint';

/**
 * Renders every prompt file of a set once, as a round would.
 * @throws PromptError for the first that can't be used: missing, without a request, or with a placeholder that has no value there.
 */
export function checkPrompts(
  texts: Readonly<Record<string, string>>,
  { asking, mode }: Pick<DialogueSettings, 'asking' | 'mode'>,
): void {
  const hint = mode === 'hinted' ? { hint: renderHint(texts, 'g') } : {};
  for (const [file, values] of Object.entries(TRIAL)) {
    const trial = file === 'answer-1' ? values : { ...values, ...hint };
    renderPrompt(texts, file, trial);
    if (asking === 'dialogue' && file !== 'answer-1')
      renderPrompt(texts, file, trial, [{ role: 'user', content: 'p' }]);
  }
}

/**
 * The prompt files as a round uses them: fragments of behaviours that are switched off are empty. What a round asks follows from these
 * texts alone, so that their hash tells two rounds apart.
 */
export function effectivePrompts(
  texts: Readonly<Record<string, string>>,
  off: readonly Behaviour[],
): Record<string, string> {
  return { ...texts, ...Object.fromEntries(off.map((kind) => [`behaviour-${kind}`, ''])) };
}

/** What hinted prompts say of the trusted answer. Throws PromptError when `hint.md` is missing or does not say it. */
export function renderHint(texts: Readonly<Record<string, string>>, gold: string): string {
  const text = texts[HINT_FILE];
  if (text === undefined)
    throw new PromptError(HINT_FILE, 'the file is missing, and hinted mode needs it. See docs/dialogue.md.');
  if (!text.includes('{{gold}}')) throw new PromptError(HINT_FILE, 'it does not say {{gold}}, the trusted answer.');
  return fill(texts, HINT_FILE, text, { problem: '', gold });
}

/**
 * The messages of one call. A hint whose place the file does not name with `{{hint}}` stands at the end of the request. `texts` holds all files of the set by name without `.md`; `{{behaviour:kind}}` is replaced by the file
 * `behaviour-<kind>`, and by nothing where that file is absent or empty (an ablation).
 */
export function renderPrompt(
  texts: Readonly<Record<string, string>>,
  file: string,
  values: PromptValues,
  history?: readonly ChatMessage[],
): ChatMessage[] {
  const text = texts[file];
  if (text === undefined) throw new PromptError(file, 'the file is missing. Restore it, or create the dataset again.');
  const template = parsePrompt(file, text);
  if (history && history.length > 0) {
    if (template.followUp === undefined) {
      throw new PromptError(file, 'asking in one dialogue needs a “## follow-up” section.');
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
      if (!kind) throw new PromptError(file, `${whole} is not one of ${BEHAVIOURS.join(', ')}.`);
      return (texts[`behaviour-${kind}`] ?? '').trim();
    }
    const known = PLACEHOLDERS.find((placeholder) => placeholder === name);
    const value = known === 'hint' ? (values.hint ?? '') : known && values[known];
    if (value === undefined) throw new PromptError(file, `${whole} has no value in this piece.`);
    return value;
  });
  // A fragment that was switched off leaves an empty line behind.
  return filled.replace(/\n{3,}/g, '\n\n').trim();
}
