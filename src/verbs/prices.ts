import { hostOf, type ModelRef, modelOf, pricesOf, withPrices } from '../core/model/index.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { Dataset } from '../store/index.ts';
import { type Verb, VerbError } from './context.ts';

export const prices: Verb<'prices'> = async ({ dataset: folder, model, role, prices: set, remove }) => {
  const dataset = await Dataset.open(folder, { index: false });
  if (set !== undefined || remove) {
    const ref = model ?? (role && modelOf(dataset.settings, role));
    if (ref === undefined) {
      throw new VerbError(
        role === undefined ? 'Whose prices?' : `The dataset has no ${role} model.`,
        'Name the model with --url and --model or with --starter, or choose one with “longhand model”.',
      );
    }
    await dataset.saveSettings({ prices: withPrices(dataset.settings.prices, ref, remove ? undefined : set) });
  }
  return { models: priced(dataset.settings) };
};

/** The models that the dataset uses, and those that have prices all the same. */
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
