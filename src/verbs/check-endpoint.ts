import { modelOf, pricesOf } from '../core/model/index.ts';
import { connect } from '../models/connect.ts';
import { checkEndpoint } from '../models/endpoint-check.ts';
import { Dataset, writeCheck } from '../store/index.ts';
import { type Verb, VerbError } from './context.ts';

/** Silence after which a probe is given up; a model that is being loaded can be silent for a while. */
const PATIENCE_MS = 60_000;

export const checkEndpointVerb: Verb<'check-endpoint'> = async ({ dataset: folder, model, role = 'base' }, context) => {
  const { signal, progress, log, distFolder, env } = context;
  const dataset = await Dataset.open(folder, { index: false });
  const ref = model ?? modelOf(dataset.settings, role);
  if (ref === undefined) {
    throw new VerbError(
      `The dataset has no ${role} model.`,
      'Name one with --url and --model, or choose one with “longhand model”.',
    );
  }
  const client = await connect(ref, {
    idleTimeoutMs: PATIENCE_MS,
    distFolder,
    cache: env.LONGHAND_CACHE || undefined,
    onProgress: ({ message }) => log(message),
    signal,
  });
  const found = await checkEndpoint(client, ref.model, {
    signal,
    onProbe: (done, total, message) => progress({ done, total, unit: 'probes', message }),
  });
  const check = { ...found, prices: pricesOf(dataset.settings, ref) ?? null };
  await writeCheck(dataset.folder, check);
  return check;
};
