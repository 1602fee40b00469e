import { RenderError, type Renderer } from './render.ts';
import type { MessagesRow } from './rows.ts';

/** Something that a template does to the rows. */
export interface RoundTripFinding {
  kind: 'no-template' | 'refused' | 'answer-changed' | 'reasoning-lost' | 'prefilled-think' | 'turns-changed';
  /** Rows of which it is true. */
  rows: number;
  message: string;
  advice: string;
}

/** What came of rendering rows through the chat template of a model. */
export interface RoundTrip {
  rows: number;
  findings: RoundTripFinding[];
}

type Kind = RoundTripFinding['kind'];

const WORDS: Readonly<Record<Kind, { message: string; advice: string }>> = {
  'no-template': {
    message:
      'The model has no chat template. It is trained with a plain one, which is saved with it: problem, empty line, answer.',
    advice: 'Give it another by chat_template in the configuration, and serve it with the same.',
  },
  refused: {
    message: 'The template refuses rows',
    advice: 'Give the model another template by chat_template in the configuration.',
  },
  'answer-changed': {
    message: 'The template itself would write answers otherwise than they stand in the rows.',
    advice: 'Longhand’s own script writes them as they stand; a trainer that applies the template does not.',
  },
  'reasoning-lost': {
    message: 'The template itself would strip the reasoning between <think> and </think> from answers.',
    advice: 'Longhand’s own script keeps it; a trainer that applies the template would train without it.',
  },
  'prefilled-think': {
    message:
      'The template opens <think> before the model writes, and answers do not begin with it: what is trained would be one unfinished thought.',
    advice: 'Export chains with <think>…</think>, or give the model a template that does not open it.',
  },
  'turns-changed': {
    message: 'The template strips the reasoning from earlier turns of the assistant.',
    advice: 'Only the last turn is trained; it is asked for with the earlier turns as the template shows them.',
  },
};

/**
 * Whether reasoning and mask survive the template of a model. `own`: the model has a template. Nothing found means that the template itself writes
 * every row exactly as it is trained.
 */
export function checkRoundTrip(renderer: Renderer, rows: readonly MessagesRow[], own: boolean): RoundTrip {
  const counts = new Map<Kind, { rows: number; detail?: string }>();
  const count = (kind: Kind, detail?: string): void => {
    const known = counts.get(kind) ?? { rows: 0, ...(detail === undefined ? {} : { detail }) };
    known.rows++;
    counts.set(kind, known);
  };
  for (const { messages } of rows) {
    if (!own) count('no-template');
    try {
      for (const kind of ofRow(renderer, messages)) count(kind);
    } catch (error) {
      if (!(error instanceof RenderError)) throw error;
      count('refused', error.message);
    }
  }
  const findings = [...counts].map(([kind, { rows: found, detail }]) => ({
    kind,
    rows: found,
    message: detail === undefined ? WORDS[kind].message : `${WORDS[kind].message}: ${detail}.`,
    advice: WORDS[kind].advice,
  }));
  return { rows: rows.length, findings };
}

function ofRow(renderer: Renderer, messages: MessagesRow['messages']): Kind[] {
  const { before, answer, prefilled } = renderer.row(messages);
  const found: Kind[] = [];
  const whole = renderer.byTemplate(messages);
  if (!whole.includes(answer.trim())) {
    const thought = /<think>([\s\S]*?)<\/think>/.exec(answer)?.[1]?.trim();
    found.push(thought && !whole.includes(thought) ? 'reasoning-lost' : 'answer-changed');
  }
  if (/<think>\s*$/.test(before) && prefilled === 0) found.push('prefilled-think');
  const earlier = messages.slice(0, -1).filter(({ role }) => role === 'assistant');
  if (earlier.some(({ content }) => /<think>[\s\S]*<\/think>/.test(content) && !before.includes(content))) {
    found.push('turns-changed');
  }
  return found;
}
