import * as vscode from 'vscode';
import { BEHAVIOURS, type Behaviour, type DialogueSettings, type Tries } from '../../core/model/index.ts';
import type { VerbArgs } from '../../protocol/verbs.ts';
import { type Choice, type Step, separator } from '../steps.ts';

/** What of a round's plan the options say; what is left out is as in longhand.json. */
export type RoundOptions = Pick<
  VerbArgs<'plan'>,
  'asking' | 'mode' | 'turns' | 'tries' | 'keepPerProblem' | 'behavioursOff'
>;

type Changed = Pick<DialogueSettings, keyof RoundOptions>;

type Row = 'done' | 'turns' | 'asking' | 'mode' | 'behaviours' | 'keep' | keyof Tries;

const MOST: Readonly<Record<keyof Tries | 'keep', number>> = {
  answer1: 64,
  answer2: 64,
  check: 16,
  summary: 16,
  keep: 20,
};

/**
 * One list of all options, with the dataset's values at first; each is changed by picking it, and the list comes again until it is done.
 *
 * @param then The step after it.
 */
export function optionSteps(own: DialogueSettings, then: (options: RoundOptions) => Step): Step {
  const { asking, mode, turns, keepPerProblem, behavioursOff, tries } = own;
  const now: Changed = { asking, mode, turns, keepPerProblem, behavioursOff: [...behavioursOff], tries: { ...tries } };
  const list: Step = async (ui) => {
    const row = await ui.pick<Row>({
      placeholder: vscode.l10n.t('Pick what shall be otherwise than in longhand.json'),
      choices: rowsOf(now),
    });
    if (row === 'done') return then(now);
    return async (inner) => {
      await change(row, now, inner);
      return list;
    };
  };
  return list;
}

function rowsOf(now: Changed): (Choice<Row> | vscode.QuickPickItem)[] {
  const { tries } = now;
  const row = (value: Row, label: string, description: string): Choice<Row> => ({ label, description, value });
  return [
    row('done', `$(check) ${vscode.l10n.t('Go on with these')}`, ''),
    separator(vscode.l10n.t('Dialogue')),
    row('turns', vscode.l10n.t('Turns'), vscode.l10n.t('{0} answers in a chain', now.turns)),
    row('asking', vscode.l10n.t('Asking'), askingWords(now.asking)),
    row('mode', vscode.l10n.t('Mode'), modeWords(now.mode)),
    row('behaviours', vscode.l10n.t('Behaviours switched off'), now.behavioursOff.join(', ') || vscode.l10n.t('none')),
    separator(vscode.l10n.t('For each problem, at most')),
    row('answer1', vscode.l10n.t('First answers'), String(tries.answer1)),
    row('answer2', vscode.l10n.t('Answers of each later turn'), String(tries.answer2)),
    row('check', vscode.l10n.t('Tries of a check'), String(tries.check)),
    row('summary', vscode.l10n.t('Tries of a summary'), String(tries.summary)),
    row('keep', vscode.l10n.t('Chains kept'), String(now.keepPerProblem)),
  ];
}

type Ui = Parameters<Step>[0];

async function change(row: Exclude<Row, 'done'>, now: Changed, ui: Ui): Promise<void> {
  if (row === 'turns') {
    now.turns = await ui.pick<number>({
      placeholder: vscode.l10n.t('How many answers shall a chain have? Each but the last is checked.'),
      choices: [2, 3, 4, 5].map((value) => ({ label: String(value), value })),
      active: now.turns,
    });
  } else if (row === 'asking') {
    now.asking = await ui.pick<Changed['asking']>({
      placeholder: vscode.l10n.t('How shall the model be asked?'),
      choices: [
        choice(
          'separate',
          vscode.l10n.t('Separate calls'),
          vscode.l10n.t('Each piece is asked for by itself; right and wrong answers are combined afterwards.'),
        ),
        choice(
          'dialogue',
          vscode.l10n.t('One dialogue'),
          vscode.l10n.t('Every piece is asked for after those before it, and the model sees all of them.'),
        ),
      ],
      active: now.asking,
    });
  } else if (row === 'mode') {
    now.mode = await ui.pick<Changed['mode']>({
      placeholder: vscode.l10n.t('Shall the model be told the answer?'),
      choices: [
        choice('blind', vscode.l10n.t('Blind'), vscode.l10n.t('It never sees the trusted answer.')),
        choice(
          'hinted',
          vscode.l10n.t('Hinted'),
          vscode.l10n.t(
            'Only problems that nothing has solved; all pieces but the first answer are told. Chains are marked.',
          ),
        ),
      ],
      active: now.mode,
    });
  } else if (row === 'behaviours') {
    now.behavioursOff = await ui.pickMany<Behaviour>({
      placeholder: vscode.l10n.t('Which behaviours shall the prompts not ask for?'),
      choices: BEHAVIOURS.map((value) => ({ label: value, value, picked: now.behavioursOff.includes(value) })),
    });
  } else {
    const number = await askCount(ui, MOST[row], row === 'keep' ? now.keepPerProblem : now.tries[row]);
    if (row === 'keep') now.keepPerProblem = number;
    else now.tries[row] = number;
  }
}

function choice<T>(value: T, label: string, detail: string): Choice<T> {
  return { label, detail, value };
}

async function askCount(ui: Ui, most: number, value: number): Promise<number> {
  const text = await ui.input({
    prompt: vscode.l10n.t('A number from 1 to {0}', most),
    value: String(value),
    validate: (input) =>
      /^\d+$/.test(input.trim()) && Number(input) >= 1 && Number(input) <= most
        ? undefined
        : vscode.l10n.t('A whole number from 1 to {0} is needed.', most),
  });
  return Number(text);
}

const askingWords = (asking: DialogueSettings['asking']): string =>
  asking === 'separate' ? vscode.l10n.t('separate calls') : vscode.l10n.t('one dialogue');

const modeWords = (mode: DialogueSettings['mode']): string =>
  mode === 'blind' ? vscode.l10n.t('blind') : vscode.l10n.t('hinted');

/** How a round asks, in a few words: `3 turns · separate calls · hinted · without backward · 3 chains kept`. */
export function strategyWords({ turns, asking, mode, behavioursOff, keepPerProblem }: DialogueSettings): string {
  return [
    vscode.l10n.t('{0} turns', turns),
    askingWords(asking),
    ...(mode === 'hinted' ? [modeWords(mode)] : []),
    ...(behavioursOff.length > 0 ? [vscode.l10n.t('without {0}', behavioursOff.join(', '))] : []),
    vscode.l10n.t('{0} chains kept', keepPerProblem),
  ].join(' · ');
}

/** Candidates of each piece, in words. */
export const triesOf = (tries: Tries): string =>
  vscode.l10n.t(
    'first answers {0}, later answers {1}, checks {2}, summaries {3}',
    tries.answer1,
    tries.answer2,
    tries.check,
    tries.summary,
  );
