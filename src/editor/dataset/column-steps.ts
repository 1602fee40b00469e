import { answerFromOf, columnsOf } from '../../core/dataset/index.ts';
import { present } from '../../core/defined.ts';
import type { AnswerFrom } from '../../core/schemas/index.ts';
import { t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { type Columns, columnSample, offeredColumns, withColumn } from './import-preview.ts';

/** A use of a column, as the wizard names it and asks for it. */
export interface ColumnUse {
  key: string;
  label: string;
  question: string;
  /** The file may lack it. */
  optional?: boolean;
}

export interface ColumnWizard<Confirm extends string> {
  title: string;
  /** First rows of the file. */
  rows: readonly unknown[];
  uses: readonly ColumnUse[];
  /** The recognised mapping, if any. */
  mapping: Columns | undefined;
  /** Whether a column may have two uses. */
  sharable?: (column: string) => boolean;
  /** The choices that end the wizard. */
  confirm: (mapping: Columns) => readonly Choice<Confirm>[];
  /** The first rows read through the mapping, and columns that are not asked for. */
  preview: (mapping: Columns) => { also: string; rows: readonly PickItem[] };
}

const NONE = '';
const ANSWER_FORMS = ['plain', 'boxed', 'hash'] as const satisfies readonly AnswerFrom[];
const formOf = ({ answerFrom }: Columns): AnswerFrom => ANSWER_FORMS.find((form) => form === answerFrom) ?? 'plain';

/**
 * Shows the uses of the columns over the first rows until they are confirmed; each use can be given another column. Asks first for
 * required uses that were not recognised. Writes nothing.
 * @returns Undefined if the user cancels.
 */
export async function askColumns<Confirm extends string>(
  wizard: ColumnWizard<Confirm>,
): Promise<{ mapping: Columns; confirmed: Confirm } | undefined> {
  const { rows, uses, sharable = () => false } = wizard;
  const columns = columnsOf(rows);
  let mapping: Columns = wizard.mapping ?? {};
  let confirmed: Confirm | undefined;
  const isMissing = (use: ColumnUse): boolean => use.optional !== true && mapping[use.key] === undefined;

  const preview: Step = async (ui) => {
    const missing = uses.find(isMissing);
    if (missing) return askColumn(missing);
    const placeholder = t('Nothing is written before you confirm.');
    const change = await ui.pick<string>({ placeholder, choices: previewChoices(wizard, mapping) });
    const use = uses.find(({ key }) => key === change);
    if (use) return askColumn(use);
    if (change === 'answerFrom') return askAnswerFrom;
    confirmed = change as Confirm;
    return undefined;
  };
  const askColumn =
    (use: ColumnUse): Step =>
    async (ui) => {
      const none: Choice<string> = { icon: 'circle-slash', label: t('None'), value: NONE };
      const keys = uses.map(({ key }) => key);
      const offered = use.optional ? columns : offeredColumns(columns, mapping, keys, use.key, sharable);
      const column = await ui.pick({
        placeholder: use.question,
        choices: present(
          use.optional && none,
          ...offered.map((name) => ({ label: name, description: columnSample(rows, name), value: name })),
        ),
        active: mapping[use.key] ?? NONE,
      });
      mapping = withColumn(mapping, keys, use.key, column === NONE ? undefined : column, sharable);
      if (use.key !== 'answer' || column === NONE) return preview;
      mapping = { ...mapping, answerFrom: answerFromOf(rows, column) };
      return askAnswerFrom;
    };
  const askAnswerFrom: Step = async (ui) => {
    const from = await ui.pick<AnswerFrom>({
      placeholder: t('How is the answer read from the column?'),
      choices: ANSWER_FORMS.map((value) => ({ label: answerFromName(value), value })),
      active: formOf(mapping),
    });
    mapping = { ...mapping, answerFrom: from };
    return preview;
  };

  return (await runSteps(wizard.title, preview)) && confirmed !== undefined ? { mapping, confirmed } : undefined;
}

function previewChoices<Confirm extends string>(
  { uses, confirm, preview }: ColumnWizard<Confirm>,
  mapping: Columns,
): (Choice<string> | PickItem)[] {
  const { also, rows } = preview(mapping);
  const form = formOf(mapping);
  return present<Choice<string> | PickItem>(
    ...confirm(mapping),
    separator(t('Columns')),
    ...uses.map(({ key, label }) => ({
      icon: 'edit',
      label,
      description: mapping[key] ?? t('none'),
      value: key,
    })),
    mapping.answer !== undefined && {
      icon: 'edit',
      label: t('Answer format'),
      description: answerFromName(form),
      value: 'answerFrom',
    },
    also !== '' && { icon: 'blank', label: t('Other columns'), description: also },
    separator(t('First rows')),
    ...rows,
  );
}

function answerFromName(from: AnswerFrom): string {
  const names: Record<AnswerFrom, string> = {
    plain: t('whole text'),
    boxed: t('from the last \\boxed{}'),
    hash: t('after the last ####'),
  };
  return names[from];
}
