import { type EndpointCheck, hostOf } from '../core/model/index.ts';

const UNKNOWN = 'unknown';
const count = (value: number): string => value.toLocaleString('en');

/** A check of an endpoint as Markdown, for a person. */
export function endpointReport(check: EndpointCheck): string {
  const { host, model, models, context, prices, spent, failed } = check;
  const rows: [string, string, string][] = [
    [
      'first words',
      `${count(Math.round(check.firstMs))} ms`,
      check.streamed ? 'streamed' : 'not streamed: silence until the whole reply is there',
    ],
    ['short reply', `${count(Math.round(check.totalMs))} ms`, ''],
    ['rate, one alone', rateOf(check.alone), ''],
    [
      `rate, ${check.together?.inFlight ?? 'several'} at once`,
      rateOf(check.together?.perSecond),
      'together; well above the rate of one alone when the server batches',
    ],
    ['several replies to one request (`n`)', check.n, N[check.n]],
    ['seed, at temperature 1', check.seed, SEED[check.seed]],
    ['JSON schema', check.schema, 'asked for by judges; every reply is checked all the same'],
    ['reasoning', check.reasoningFrom ?? 'none seen', 'where it stood in these short replies'],
    ['tokens', check.usageReported ? 'counted by the server' : 'estimated', ''],
    ['context', context ? `${count(context.tokens)} tokens` : UNKNOWN, context ? `by the ${context.from}` : ''],
    [
      'price',
      prices ? `${prices.prompt} prompt, ${prices.completion} completion` : UNKNOWN,
      'per million tokens; `longhand prices` sets it',
    ],
    ['models listed', models === undefined ? UNKNOWN : count(models.length), listOf(models, model)],
  ];
  const about = spent.estimated ? 'about ' : '';
  return [
    `# ${inline(model)}${host === hostOf({ kind: 'starter', model }) ? ', the starter model' : ` at ${inline(host)}`}`,
    '',
    `Checked ${check.checkedAt.slice(0, 16).replace('T', ' ')} UTC with ${check.calls} calls in ${check.seconds} s, which took ${about}${count(spent.prompt)} prompt and ${count(spent.completion)} completion tokens, and the beginning of one more reply where the context length is no part of the model list.`,
    '',
    '| what | found | meaning |',
    '|---|---|---|',
    ...rows.map(([what, found, meaning]) => `| ${what} | ${inline(found)} | ${meaning} |`),
    '',
    ...(failed.length === 0
      ? []
      : ['Not found out:', '', ...failed.map(({ probe, reason }) => `- ${probe}: ${inline(reason)}`), '']),
    `First words: ${inline(check.sample)}`,
    '',
  ].join('\n');
}

const N: Record<EndpointCheck['n'], string> = {
  honoured: 'rounds ask for several samples of a problem at once',
  'not honoured': 'rounds ask for each sample by itself, with a seed of its own',
  unknown: 'rounds ask for each sample by itself, unless samplesPerRequest is set',
};

const SEED: Record<EndpointCheck['seed'], string> = {
  honoured: 'the same seed gave the same text, another seed another',
  ignored: 'the same seed gave different texts: samples can’t be repeated word for word',
  unknown: 'all texts were the same, so nothing can be said',
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
