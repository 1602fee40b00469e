import type { ModelRef } from '../core/model/index.ts';
import type { ModelClient } from '../models/client.ts';
import { connect } from '../models/connect.ts';
import { checkOf } from '../store/index.ts';
import type { RunContext } from './round-run.ts';
import type { StateWriter } from './state.ts';

/** A client for the model of a round; what it takes to start one is said in the round's state. Throws as `connect`. */
export async function openModel(
  model: ModelRef,
  idleTimeoutSeconds: number,
  /** Of the dataset: what an endpoint was found to honour is kept there. */
  folder: string,
  { distFolder, cache, signal, log }: RunContext,
  state: StateWriter,
): Promise<ModelClient> {
  state.say('starting', model.kind === 'starter' ? 'Starting the starter model.' : 'Connecting to the model.');
  let opened = false;
  const known = await checkOf(folder, model);
  const client = await connect(model, {
    idleTimeoutMs: idleTimeoutSeconds * 1000,
    distFolder,
    cache,
    onProgress: (progress) => (opened ? log(progress.message) : state.say('starting', progress.message)),
    signal,
    ...(known?.n === 'not honoured' ? { mostChoices: 1 } : {}),
  });
  opened = true;
  return client;
}
