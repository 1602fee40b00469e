import { type ModelRole, modelOf } from '../../core/schemas/index.ts';
import { endpointReport } from '../../verbs/models/check-endpoint.ts';
import { prepareModel } from '../dataset/round-commands.ts';
import { noModel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { showQuickPick } from '../ui/quick-input.ts';
import { modelPlace } from './model-place.ts';

const ROLES: readonly ModelRole[] = ['base', 'fine-tuned'];

/** Check Endpoint: shows the features of the dataset's model at its endpoint as a document. */
export async function checkEndpoint(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  const settings = await dataset.reloadSettings();
  const there = ROLES.flatMap((role) => {
    const model = modelOf(settings, role);
    return model === undefined ? [] : [{ label: model.model, description: modelPlace(model), detail: role, model }];
  });
  if (there.length === 0) {
    throw noModel();
  }
  const placeHolder = t('Check which model?');
  const chosen = there.length === 1 ? there[0] : await showQuickPick(there, { placeHolder });
  if (chosen === undefined) return;
  const access = await prepareModel(services, chosen.model);
  const title = t('Checking {0} with a few small calls', chosen.model.model);
  const check = await services.verbs.run(
    'check-endpoint',
    { dataset: ref.folder, model: chosen.model },
    { title, access },
  );
  await services.documents.show(`${chosen.model.model}.md`, endpointReport(check));
}
