import { hostOf, type ModelRef, modelOf, pricesOf, withPrices } from '../../core/schemas/index.ts';
import { Dataset } from '../../store/index.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbResult } from '../index.ts';

export const run: Run<'prices'> = async ({ dataset: folder, model, role, prices: set, remove }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (set !== undefined || remove) {
    const ref = model ?? (role && modelOf(dataset.settings, role));
    if (ref === undefined) {
      throw new VerbError(
        role === undefined ? 'No model named.' : `The dataset has no ${role} model.`,
        'Name the model with --url and --model or with --starter, or choose one with “longhand model”.',
      );
    }
    await dataset.saveSettings({ prices: withPrices(dataset.settings.prices, ref, remove ? undefined : set) });
  }
  return { models: priced(dataset.settings) };
};

export const print: Print<'prices'> = ({ models }) =>
  models.length === 0
    ? 'The dataset has no model yet.'
    : lines(
        'Per million tokens:',
        ...models.map(({ host, model, uses, prices }) => {
          const cost = prices === null ? 'unknown' : `${prices.prompt} prompt, ${prices.completion} completion`;
          return `  ${model} (${[host, ...uses].join(', ')}): ${cost}`;
        }),
      );

/** The models that the dataset uses, and others that have prices. */
function priced(settings: Dataset['settings']): VerbResult<'prices'>['models'] {
  const used: [string, ModelRef | undefined][] = [
    ['base', settings.model],
    ['fine-tuned', settings.fineTuned],
    ['judge', settings.judge?.model],
  ];
  const rows: VerbResult<'prices'>['models'] = [];
  for (const [use, ref] of used) {
    if (ref === undefined) continue;
    const host = hostOf(ref);
    const row = rows.find((one) => one.host === host && one.model === ref.model);
    if (row) row.uses.push(use);
    else rows.push({ host, model: ref.model, uses: [use], prices: pricesOf(settings, ref) ?? null });
  }
  const others = settings.prices.filter(
    ({ host, model }) => !rows.some((row) => row.host === host && row.model === model),
  );
  return [
    ...rows,
    ...others.map(({ host, model, prompt, completion }) => ({ host, model, uses: [], prices: { prompt, completion } })),
  ];
}
