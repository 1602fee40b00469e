import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { runSteps, type Step } from '../ui/steps.ts';

type PricedModel = VerbResult<'prices'>['models'][number];

/** Set Prices…: the cost of a model per million tokens. An empty price removes it. */
export async function setPrices(services: Services, argument: unknown): Promise<void> {
  const { datasets, verbs } = services;
  const ref = await datasets.resolve(argument);
  const { models } = await verbs.run('prices', { dataset: ref.folder });
  const used = models.filter(({ uses }) => uses.length > 0);
  const [only] = used;
  if (only === undefined) {
    void showInformationMessage(t('The dataset has no model yet. Select one first.'));
    return;
  }
  let model = only;
  let prompt = '';
  let completion = '';
  const askCompletion: Step = async (ui) => {
    completion = await ui.input({
      prompt: t('Price per million completion tokens of {0}, in any currency. Leave it empty if unknown.', model.model),
      value: model.prices === null ? '' : String(model.prices.completion),
      validate: priceProblem,
    });
    return undefined;
  };
  const askPrompt: Step = async (ui) => {
    prompt = await ui.input({
      prompt: t('Price per million prompt tokens of {0}, in any currency. Leave it empty if unknown.', model.model),
      value: model.prices === null ? '' : String(model.prices.prompt),
      validate: priceProblem,
    });
    return prompt.trim() === '' ? undefined : askCompletion;
  };
  const askModel: Step = async (ui) => {
    model = await ui.pick<PricedModel>({
      placeholder: t('Set the prices of which model?'),
      choices: used.map((value) => ({
        label: value.model,
        description: `${value.host} · ${value.uses.join(', ')}`,
        detail: formatPrices(value),
        value,
      })),
    });
    return askPrompt;
  };
  if (!(await runSteps(t('Set Prices'), used.length === 1 ? askPrompt : askModel))) return;
  const role = model.uses.find((use) => use === 'base' || use === 'fine-tuned');
  const settings = await (await datasets.open(ref)).reloadSettings();
  const whose = role === undefined ? { model: settings.judge?.model } : { role };
  const unknown = prompt.trim() === '' || completion.trim() === '';
  await verbs.run('prices', {
    dataset: ref.folder,
    ...whose,
    ...(unknown ? { remove: true } : { prices: { prompt: Number(prompt), completion: Number(completion) } }),
  });
  await datasets.refresh(ref);
}

const formatPrices = ({ prices }: PricedModel): string =>
  prices === null
    ? t('unknown')
    : t('{0} per million prompt tokens, {1} per million completion tokens', prices.prompt, prices.completion);

function priceProblem(value: string): string | undefined {
  const text = value.trim();
  if (text === '' || (Number.isFinite(Number(text)) && Number(text) >= 0)) return undefined;
  return t('A number such as 0.15, or nothing');
}
