import { BEHAVIOURS, type Behaviour, type DialogueSettings, type Tries } from '../../core/schemas/index.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import { counted, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askNumber, type Choice, type Step, separator } from '../ui/steps.ts';

/** The options of a round; absent ones are as in longhand.json. */
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
 * A list of all options with the dataset's values, shown until the user continues. Picking an option changes it.
 *
 * @param then Returns the next step.
 */
export function optionSteps(own: DialogueSettings, then: (options: RoundOptions) => Step): Step {
  const { asking, mode, turns, keepPerProblem, behavioursOff, tries } = own;
  const now: Changed = { asking, mode, turns, keepPerProblem, behavioursOff: [...behavioursOff], tries: { ...tries } };
  const list: Step = async (ui) => {
    const row = await ui.pick<Row>({
      placeholder: t('Change options for this round'),
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

function rowsOf(now: Changed): (Choice<Row> | PickItem)[] {
  const { tries } = now;
  const row = (value: Row, label: string, description: string): Choice<Row> => ({ label, description, value });
  return [
    { icon: 'check', ...row('done', t('Continue'), '') },
    separator(t('Dialogue')),
    row('turns', t('Turns'), counted(now.turns, '{0} answer in a chain', '{0} answers in a chain')),
    row('asking', t('Calls'), callsName(now.asking)),
    row('mode', t('Mode'), modeName(now.mode)),
    row('behaviours', t('Behaviours switched off'), now.behavioursOff.join(', ') || t('none')),
    separator(t('For each problem, at most')),
    row('answer1', t('First answers'), String(tries.answer1)),
    row('answer2', t('Answers of each later turn'), String(tries.answer2)),
    row('check', t('Tries per check'), String(tries.check)),
    row('summary', t('Tries per summary'), String(tries.summary)),
    row('keep', t('Chains kept'), String(now.keepPerProblem)),
  ];
}

type Ui = Parameters<Step>[0];

async function change(row: Exclude<Row, 'done'>, now: Changed, ui: Ui): Promise<void> {
  if (row === 'turns') {
    now.turns = await ui.pick<number>({
      placeholder: t('How many answers per chain? All but the last are checked.'),
      choices: [2, 3, 4, 5].map((value) => ({ label: String(value), value })),
      active: now.turns,
    });
  } else if (row === 'asking') {
    now.asking = await ui.pick<Changed['asking']>({
      placeholder: t('Separate calls or one dialogue?'),
      choices: [
        choice(
          'separate',
          t('Separate calls'),
          t('Each piece is a call of its own. Right and wrong answers are combined afterwards.'),
        ),
        choice('dialogue', t('One dialogue'), t('Pieces are requested in order, and the model sees all earlier ones.')),
      ],
      active: now.asking,
    });
  } else if (row === 'mode') {
    now.mode = await ui.pick<Changed['mode']>({
      placeholder: t('Include the answer in the prompt?'),
      choices: [
        choice('blind', t('Blind'), t('The model never sees the gold answer.')),
        choice(
          'hinted',
          t('Hinted'),
          t('Only unsolved problems. All pieces but the first answer see the gold answer. Chains are marked.'),
        ),
      ],
      active: now.mode,
    });
  } else if (row === 'behaviours') {
    now.behavioursOff = await ui.pickMany<Behaviour>({
      placeholder: t('Which behaviours to switch off in the prompts?'),
      choices: BEHAVIOURS.map((value) => ({ label: value, value, picked: now.behavioursOff.includes(value) })),
    });
  } else {
    const value = row === 'keep' ? now.keepPerProblem : now.tries[row];
    const number = await askNumber(ui, t('A number from 1 to {0}', MOST[row]), MOST[row], value);
    if (row === 'keep') now.keepPerProblem = number;
    else now.tries[row] = number;
  }
}

function choice<T>(value: T, label: string, detail: string): Choice<T> {
  return { label, detail, value };
}

const callsName = (asking: DialogueSettings['asking']): string =>
  asking === 'separate' ? t('separate calls') : t('one dialogue');

const modeName = (mode: DialogueSettings['mode']): string => (mode === 'blind' ? t('blind') : t('hinted'));

/** The strategy of a round: `3 turns · separate calls · hinted · without backward · 3 chains kept`. */
export function formatStrategy({ turns, asking, mode, behavioursOff, keepPerProblem }: DialogueSettings): string {
  return [
    counted(turns, '{0} turn', '{0} turns'),
    callsName(asking),
    ...(mode === 'hinted' ? [modeName(mode)] : []),
    ...(behavioursOff.length > 0 ? [t('without {0}', behavioursOff.join(', '))] : []),
    counted(keepPerProblem, '{0} chain kept', '{0} chains kept'),
  ].join(' · ');
}

/** The number of candidates of each piece. */
export const formatTries = (tries: Tries): string =>
  t(
    'first answers {0}, later answers {1}, checks {2}, summaries {3}',
    tries.answer1,
    tries.answer2,
    tries.check,
    tries.summary,
  );
