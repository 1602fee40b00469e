import { defined } from '../defined.ts';
import { RenderError, type Renderer } from './render.ts';
import type { MessagesRow } from './rows.ts';

/** An effect of a template on rows. */
export interface RoundTripFinding {
  kind: 'no-template' | 'refused' | 'answer-changed' | 'reasoning-lost' | 'prefilled-think' | 'turns-changed';
  /** Number of affected rows. */
  rows: number;
  message: string;
  advice: string;
}

/** The result of rendering rows with a model's chat template. */
export interface RoundTrip {
  rows: number;
  findings: RoundTripFinding[];
}

type Kind = RoundTripFinding['kind'];

const DESCRIPTIONS: Readonly<Record<Kind, { message: string; advice: string }>> = {
  'no-template': {
    message: 'The model has no chat template. A plain one is used and saved with it: problem, empty line, answer.',
    advice: 'Set another one as chat_template in the configuration, and serve the model with it.',
  },
  refused: {
    message: 'The template refuses rows',
    advice: 'Set another template as chat_template in the configuration.',
  },
  'answer-changed': {
    message: 'The template itself would change the answers of the rows.',
    advice: 'Longhand’s own script keeps them unchanged; a trainer that applies the template does not.',
  },
  'reasoning-lost': {
    message: 'The chat template removes the reasoning between <think> and </think> from answers.',
    advice: 'Longhand’s own script keeps it. A trainer that applies the template trains without it.',
  },
  'prefilled-think': {
    message:
      'The template opens <think> before the answer, and the answers do not start with it. The model would learn an unfinished thought.',
    advice: 'Export chains with <think>…</think>, or use a template that does not open it.',
  },
  'turns-changed': {
    message: 'The template strips the reasoning from earlier turns of the assistant.',
    advice: 'Only the last turn is trained, with the earlier turns as the template renders them.',
  },
};

/**
 * Checks whether reasoning and mask survive a model's template. Without findings, the template renders every row as it is trained.
 * @param own The model has its own template.
 */
export function checkRoundTrip(renderer: Renderer, rows: readonly MessagesRow[], own: boolean): RoundTrip {
  const counts = new Map<Kind, { rows: number; detail?: string }>();
  const count = (kind: Kind, detail?: string): void => {
    const known = counts.get(kind) ?? { rows: 0, ...defined({ detail }) };
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
    message: detail === undefined ? DESCRIPTIONS[kind].message : `${DESCRIPTIONS[kind].message}: ${detail}.`,
    advice: DESCRIPTIONS[kind].advice,
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
