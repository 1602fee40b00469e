import { FilterSettings } from '../../core/schemas/index.ts';
import { chosenRounds } from '../../runner/rework/chosen-rounds.ts';
import { refilterRounds } from '../../runner/rework/refilter.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatRefilter } from './print.ts';

export const run: Run<'refilter'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const settings = settingsOf(dataset.settings.filters, args.set);
    const rounds = await chosenRounds(dataset, args);
    const result = await refilterRounds(dataset, { rounds, settings, apply: args.apply ?? false }, context);
    if (result.applied && args.set !== undefined) {
      context.log('New rounds still use the “filters” of longhand.json. Set them there to keep these thresholds.');
    }
    return result;
  });

export const print: Print<'refilter'> = formatRefilter;

/** @throws VerbError for a threshold that no filter has or that is out of range. */
function settingsOf(own: FilterSettings, set: Readonly<Record<string, unknown>> = {}): FilterSettings {
  const { data, error } = FilterSettings.strict().safeParse({ ...own, ...set });
  if (data) return data;
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'filters'}: ${issue.message}`);
  throw new VerbError(`Invalid thresholds: ${issues.join('; ')}.`, 'docs/reference/filters.md lists them.');
}
