import type { ModelRef } from '../../core/schemas/index.ts';
import type { ModelClient } from '../../models/client.ts';
import { connect } from '../../models/connect.ts';
import { checkOf, type Dataset } from '../../store/index.ts';
import type { RunContext } from '../run-context.ts';
import type { StateWriter } from '../state.ts';

/** Connects to the model of a round and reports the progress in its state. @throws as `connect` */
export async function openModel(
  model: ModelRef,
  idleTimeoutSeconds: number,
  /** Has the last check of the endpoint and the limits of calls. */
  { folder, settings }: Pick<Dataset, 'folder' | 'settings'>,
  { distFolder, cache, signal, log }: RunContext,
  state: StateWriter,
): Promise<ModelClient> {
  state.set('starting', model.kind === 'starter' ? 'Starting the starter model.' : 'Connecting to the model.');
  let opened = false;
  const known = await checkOf(folder, model);
  const client = await connect(model, {
    idleTimeoutMs: idleTimeoutSeconds * 1000,
    maxReplyBytes: settings.calls.maxReplyMB * 1e6,
    distFolder,
    cache,
    onProgress: (progress) => (opened ? log(progress.message) : state.set('starting', progress.message)),
    signal,
    mostChoices: known?.n === 'not honoured' ? 1 : undefined,
  });
  opened = true;
  return client;
}
