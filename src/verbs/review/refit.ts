import { refitDataset } from '../../runner/classifier/refit.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { formatRefit } from './print-refit.ts';

export const run: Run<'refit'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const choice = args.off ? 'shipped' : args.on ? 'dataset' : dataset.settings.classifier;
    if (choice !== dataset.settings.classifier) await dataset.saveSettings({ classifier: choice });
    return refitDataset(dataset, { apply: args.apply ?? false }, context);
  });

export const print: Print<'refit'> = formatRefit;
