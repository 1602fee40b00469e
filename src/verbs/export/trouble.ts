import { EXPORT_FORMS } from '../../core/export/index.ts';
import { plural } from '../../core/text/format.ts';
import type { ExportArgs, ExportTrouble } from '../../protocol/export.ts';
import { VerbError } from '../context.ts';
import { pairChoices } from './pairs.ts';
import type { PlannedExport } from './plan.ts';

/** What to do where the form can't express a chain. */
export const NO_ROW = {
  labelled: 'Export in the form sft, with reasoning in tags or apart: it expresses every chain.',
  selected: 'Export in the form sft, with reasoning in tags or apart: it expresses every chain.',
  stepped: 'Label the steps of a chain from the first one, or mark its first wrong step.',
};

/** Why an export has no row for training; undefined if it has one. */
export function whyEmpty({ rows, pairs, selected }: PlannedExport, args: ExportArgs): VerbError | undefined {
  if (rows.train.length > 0) return undefined;
  if (pairs && selected.chains.length > 0) return noPairs(args, selected.chains.length);
  if (selected.chains.length > 0)
    return new VerbError('No row is left for training.', 'Leave out fewer chains, or choose a smaller validation set.');
  if (selected.inScope === 0) return new VerbError('There are no chains to export.', 'Generate or import some first.');
  if (EXPORT_FORMS[args.form ?? 'sft'].takes === 'stepped')
    return new VerbError('No chain has labels of its steps.', NO_ROW.stepped);
  if (args.select === 'passed')
    return new VerbError('No chain passed the filters.', 'The review queue shows why each was filtered out.');
  return new VerbError('No chain is accepted yet.', `Accept some in the review queue, or ${PASSED}.`);
}

const PASSED = 'select chains that passed the filters (--select passed)';

/** Why an export of pairs has no row. @param chains Number of the labelled ones. */
export function noPairs(args: ExportArgs, chains: number): VerbError {
  const { pairing } = pairChoices(args);
  const others = 'Reject or grade other chains of the same problems';
  const advice = {
    samples: args.select === 'passed' ? `${others}.` : `${others}, or ${PASSED}.`,
    length: 'No two of them have about the same length. Pair right with wrong (--pairs samples).',
    edits: 'Edit chains and accept them, or pair right with wrong (--pairs samples).',
  };
  return new VerbError(`No two of ${plural(chains, 'chain')} make a pair.`, advice[pairing]);
}

/** Why an export of problems has no row. @param problems Number of those in the dataset. */
export function noProblems(problems: number): VerbError {
  if (problems === 0) return new VerbError('The dataset has no problems.', 'Import some first.');
  return new VerbError(
    `None of ${plural(problems, 'problem')} can be exported.`,
    'Sample them first, choose a wider range of pass rates (--pass-rate), or include suspect gold answers (--suspects).',
  );
}

/** What to know where all rows of a form that labels chains have one label: a training learns nothing from them. */
export function oneLabel(
  { true: good = 0, false: bad = 0 }: Readonly<Record<string, number>>,
  { form = 'sft', select }: Pick<ExportArgs, 'form' | 'select'>,
): ExportTrouble | undefined {
  const { unit, takes } = EXPORT_FORMS[form];
  if (unit !== 'chain' || takes !== 'labelled' || good + bad === 0 || (good > 0 && bad > 0)) return undefined;
  const act = good === 0 ? 'Accept right chains' : 'Reject wrong chains';
  return {
    message: `Every row has the label ${good > 0}. A training needs both labels.`,
    advice: select === 'passed' ? `${act}.` : `${act}, or ${PASSED}.`,
  };
}
