import { type EndpointCheck, hostOf, modelOf, pricesOf } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { connect } from '../../models/connect.ts';
import { checkEndpoint } from '../../models/endpoint-check.ts';
import { Dataset, writeCheck } from '../../store/index.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';

/** Silence after which a probe is given up; a model that is being loaded can be silent for a while. */
const PATIENCE_MS = 60_000;

export const run: Run<'check-endpoint'> = async ({ dataset: folder, model, role = 'base' }, context) => {
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

export const print: Print<'check-endpoint'> = endpointReport;

const UNKNOWN = 'unknown';

/** A check of an endpoint as Markdown, for a person. */
export function endpointReport(check: EndpointCheck): string {
  const { host, model, models, context, prices, spent, failed } = check;
  const rows: [string, string, string][] = [
    [
      'first words',
      `${formatCount(Math.round(check.firstMs))} ms`,
      check.streamed ? 'streamed' : 'not streamed: nothing arrives before the complete reply',
    ],
    ['short reply', `${formatCount(Math.round(check.totalMs))} ms`, ''],
    ['rate, one alone', rateOf(check.alone), ''],
    [
      `rate, ${check.together?.inFlight ?? 'several'} in parallel`,
      rateOf(check.together?.perSecond),
      'in total; well above the rate of one request when the server batches',
    ],
    ['several replies to one request (`n`)', check.n, N[check.n]],
    ['seed, at temperature 1', check.seed, SEED[check.seed]],
    ['JSON schema', check.schema, 'used by judges; every reply is checked in any case'],
    ['reasoning', check.reasoningFrom ?? 'none seen', 'its place in these short replies'],
    ['tokens', check.usageReported ? 'counted by the server' : 'estimated', ''],
    ['context', context ? plural(context.tokens, 'token') : UNKNOWN, context ? `by the ${context.from}` : ''],
    [
      'price',
      prices ? `${prices.prompt} prompt, ${prices.completion} completion` : UNKNOWN,
      'per million tokens; `longhand prices` sets it',
    ],
    ['models listed', models === undefined ? UNKNOWN : formatCount(models.length), listOf(models, model)],
  ];
  const about = spent.estimated ? 'about ' : '';
  return [
    `# ${inline(model)}${host === hostOf({ kind: 'starter', model }) ? ', the starter model' : ` at ${inline(host)}`}`,
    '',
    `Checked ${check.checkedAt.slice(0, 16).replace('T', ' ')} UTC with ${plural(check.calls, 'call')} in ${check.seconds} s, which used ${about}${plural(spent.prompt, 'prompt token')} and ${plural(spent.completion, 'completion token')}, and the beginning of one more reply where the model list has no context length.`,
    '',
    '| what | found | meaning |',
    '|---|---|---|',
    ...rows.map(([what, found, meaning]) => `| ${what} | ${inline(found)} | ${meaning} |`),
    '',
    ...(failed.length === 0
      ? []
      : ['Not determined:', '', ...failed.map(({ probe, reason }) => `- ${probe}: ${inline(reason)}`), '']),
    `Start of the reply: ${inline(check.sample)}`,
    '',
  ].join('\n');
}

const N: Record<EndpointCheck['n'], string> = {
  honoured: 'rounds request several samples of a problem in one call',
  'not honoured': 'rounds request each sample separately, with its own seed',
  unknown: 'rounds request each sample separately, unless samplesPerRequest is set',
};

const SEED: Record<EndpointCheck['seed'], string> = {
  honoured: 'the same seed gave the same text, another seed another',
  ignored: 'the same seed gave different texts: samples can’t be repeated word for word',
  unknown: 'all texts were the same, so the result is unknown',
};

const rateOf = (perSecond: number | undefined): string =>
  perSecond === undefined ? UNKNOWN : `${perSecond.toFixed(1)} tokens/s`;

function listOf(models: readonly string[] | undefined, model: string): string {
  if (models === undefined) return '';
  return models.includes(model) ? 'this one is among them' : 'this one is not among them';
}

/** Words of a server, on one line and without a meaning in Markdown or HTML. */
const inline = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|&]/g, (sign) => (sign === '<' ? '&lt;' : sign === '&' ? '&amp;' : `\\${sign}`));
