import type { VerbResult } from '../../verbs/index.ts';
import type { EditorL10n } from '../grading/grading-format.ts';

/** What an export wrote: chains with their text, or the rows of a problem set. */
export function exportedText(
  { chains, rows, trained, masked }: Pick<VerbResult<'export'>, 'chains' | 'rows' | 'trained' | 'masked'>,
  { t, count, counted }: EditorL10n,
): string {
  if (chains === 0)
    return t('Exported {0}.', counted(Math.max(0, ...Object.values(rows)), '{0} problem', '{0} problems'));
  return t(
    'Exported {0}: {1} to train on, {2} as context.',
    counted(chains, '{0} chain', '{0} chains'),
    counted(trained, '{0} character', '{0} characters'),
    count(masked),
  );
}
