import { defined } from '../defined.ts';
import { RenderError, type Renderer } from './render.ts';
import { type MessagesRow, thoughtOf } from './rows.ts';

/** An effect of a template on rows. */
export interface RoundTripFinding {
  kind:
    | 'no-template'
    | 'refused'
    | 'endless'
    | 'answer-changed'
    | 'reasoning-lost'
    | 'reasoning-in-tags'
    | 'prefilled-think'
    | 'thinks-when-asked'
    | 'turns-changed';
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
  endless: {
    message: 'The chat template can’t be used',
    advice: 'Choose a model with another chat template. Do not train with this one.',
  },
  'answer-changed': {
    message: 'The template itself would change the answers of the rows.',
    advice: 'Longhand’s own script keeps them unchanged; a trainer that applies the template does not.',
  },
  'reasoning-lost': {
    message: 'The chat template removes the reasoning before answers.',
    advice: 'Longhand’s own script keeps it. A trainer that applies the template trains without it.',
  },
  'reasoning-in-tags': {
    message: 'The chat template reads no reasoning beside an answer. Longhand writes it between thinking tags.',
    advice: 'Check the example of the template check before you train.',
  },
  'prefilled-think': {
    message:
      'The template opens <think> before the answer, and rows have no reasoning. An empty thought is written, untrained.',
    advice: 'Export rows with their reasoning, or ask the trained model without thinking.',
  },
  'thinks-when-asked': {
    message:
      'The template opens no thought unless asked. Rows with reasoning are rendered with enable_thinking and thinking.',
    advice: 'Set the variable that the template reads when you serve the trained model.',
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
  const findings = [...counts].map(([kind, { rows: found, detail }]) => roundTripFinding(kind, found, detail));
  return { rows: rows.length, findings };
}

/** A finding about a number of rows. @param detail What the template reported. */
export function roundTripFinding(kind: Kind, rows: number, detail?: string): RoundTripFinding {
  const { message, advice } = DESCRIPTIONS[kind];
  return { kind, rows, message: detail === undefined ? message : `${message}: ${detail}.`, advice };
}

function ofRow(renderer: Renderer, messages: MessagesRow['messages']): Kind[] {
  const { before, thought, answer, skipsThought } = renderer.row(messages);
  const found: Kind[] = [];
  const whole = renderer.byTemplate(messages);
  const kept = (text: string): boolean => whole.includes(text.trim());
  const tagged = /<think>([\s\S]*?)<\/think>/.exec(answer)?.[1]?.trim();
  if (!kept(thought) || (tagged && !kept(tagged))) found.push('reasoning-lost');
  else if (!kept(answer)) found.push('answer-changed');
  if (thought !== '' && renderer.field === undefined) found.push('reasoning-in-tags');
  if (thought !== '' && renderer.thinksWhenAsked) found.push('thinks-when-asked');
  if (skipsThought) found.push('prefilled-think');
  const earlier = messages.slice(0, -1).filter(({ role }) => role === 'assistant');
  const thoughts = earlier.map(
    (turn) => thoughtOf(turn) || (/<think>[\s\S]*<\/think>/.test(turn.content) ? turn.content : ''),
  );
  if (thoughts.some((text) => !before.includes(text))) found.push('turns-changed');
  return found;
}
