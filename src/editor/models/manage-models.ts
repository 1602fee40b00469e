import { present } from '../../core/defined.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { type PickItem, showQuickPick } from '../ui/quick-input.ts';

interface Action extends PickItem {
  run: () => Promise<void>;
}

/** Manage Models…: selects, checks and prices the models of the dataset, removes keys, and starts or stops the starter model. */
export async function manageModels(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const actions = [...(await modelActions(services, ref)), ...(await starterActions(services))];
  const placeHolder = t('Models of {0}', ref.name);
  await (await showQuickPick(actions, { placeHolder, matchOnDetail: true }))?.run();
}

async function modelActions(services: Services, ref: DatasetRef): Promise<Action[]> {
  const { model, fineTuned } = await (await services.datasets.open(ref)).reloadSettings();
  const names = [model, fineTuned].flatMap((one) => one?.model ?? []);
  const select: Action = {
    icon: 'server',
    label: t('Select Model…'),
    detail: names.length === 0 ? t('No model selected') : names.join(' · '),
    run: async () => (await import('./select-model.ts')).selectModel(services, { ref }),
  };
  const check: Action = {
    icon: 'pulse',
    label: t('Check Endpoint'),
    detail: t('Test what the model supports with a few small calls'),
    run: async () => (await import('./check-endpoint.ts')).checkEndpoint(services, { ref }),
  };
  const prices: Action = {
    icon: 'credit-card',
    label: t('Set Prices…'),
    detail: t('Cost per million tokens, for plans and reports'),
    run: async () => (await import('./prices.ts')).setPrices(services, { ref }),
  };
  const removeKey: Action = {
    icon: 'key',
    label: t('Remove API Key…'),
    detail: t('Delete the stored key of a host'),
    run: async () => (await import('./select-model.ts')).removeKey(services),
  };
  return present(select, names.length !== 0 && check, prices, services.keys.hosts.length !== 0 && removeKey);
}

async function starterActions(services: Services): Promise<Action[]> {
  const starter = await import('./starter.ts');
  const { running, installed } = await starter.starterStatus(services);
  return [
    running
      ? {
          icon: 'debug-stop',
          label: t('Stop Starter Model'),
          detail: t('Running on this machine'),
          run: () => starter.stopStarter(services),
        }
      : {
          icon: 'debug-start',
          label: t('Start Starter Model'),
          detail: installed ? t('Installed, not running') : t('Not installed'),
          run: () => starter.startStarter(services),
        },
  ];
}
