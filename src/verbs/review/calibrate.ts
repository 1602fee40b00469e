import { randomBytes } from 'node:crypto';
import { annotate } from '../../core/behaviours/annotate.ts';
import { seedOf } from '../../core/dialogue/seed.ts';
import { drawFrom, randomSource } from '../../core/maths/random.ts';
import {
  type CalibrationReport,
  calibrationReport,
  drawLearningPlan,
  drawPlan,
  type FrameSentence,
  frameSentences,
  type Readable,
  type Reading,
  readingsOf,
  reportMarkdown,
} from '../../core/review/calibration/index.ts';
import { plural } from '../../core/text/format.ts';
import { headInUse } from '../../runner/classifier/head.ts';
import { createCalibration, Dataset, listCalibrations, readCalibration, textHash } from '../../store/index.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { Print, Run, VerbArgs } from '../index.ts';

/** Chains that a plan reads, drawn uniformly where there are more: enough that each gives few of the sentences. */
const MOST_CHAINS = 2_000;
const EVERY_MS = 100;

export const run: Run<'calibrate'> = async (args, context) => {
  // What is asked of labels alone needs no index.
  const dataset = await Dataset.open(args.dataset, { log: context.log, index: args.draw !== undefined });
  try {
    return await report(dataset, await chooseOne(dataset, args, context), context);
  } finally {
    await dataset.close();
  }
};

export const print: Print<'calibrate'> = (report) =>
  report.labelled === 0
    ? `Calibration ${report.calibration}: ${plural(report.sentences, 'sentence')} to label. Label them with Longhand: Calibrate Classifier… in the editor.`
    : reportMarkdown(report);

/** The name of the calibration that is shown, after it was made where that is asked for. */
async function chooseOne(dataset: Dataset, args: VerbArgs<'calibrate'>, context: VerbContext): Promise<string> {
  const { draw, sameAs, reviewer, calibration } = args;
  if ((draw !== undefined || sameAs !== undefined) && reviewer === undefined) {
    throw new VerbError('No reviewer named.', 'Name who labels the sentences.');
  }
  if (reviewer !== undefined && draw !== undefined) return drawOne(dataset, draw, reviewer, args, context);
  if (reviewer !== undefined && sameAs !== undefined) return takeSame(dataset, sameAs, reviewer);
  if (calibration !== undefined) return calibration;
  const latest = (await listCalibrations(dataset)).at(-1);
  if (latest !== undefined) return latest.name;
  throw new VerbError(
    'The classifiers of this dataset have not been calibrated.',
    'Draw sentences with --draw 100 --reviewer NAME and label them with Longhand: Calibrate Classifier… in the editor.',
  );
}

async function drawOne(
  dataset: Dataset,
  size: number,
  reviewer: string,
  { seed = randomBytes(4).readUInt32LE(), order }: VerbArgs<'calibrate'>,
  context: VerbContext,
): Promise<string> {
  const { index } = dataset;
  // A chain without its problem can't be judged.
  const all = index.chains().filter(({ problemId }) => index.problem(problemId) !== undefined);
  if (all.length === 0) throw new VerbError('There are no chains to draw sentences from.', 'Generate or import some.');
  const chosen = all.length <= MOST_CHAINS ? all : drawFrom(all, MOST_CHAINS, randomSource(seedOf(seed, 'chains')));
  const head = await headInUse(dataset, context.log);
  const sentences: (FrameSentence & Readable)[] = [];
  let shown = 0;
  for (const [done, { id }] of chosen.entries()) {
    context.signal.throwIfAborted();
    if (performance.now() - shown >= EVERY_MS) {
      shown = performance.now();
      context.progress({ done, total: chosen.length, unit: 'chains' });
    }
    const chain = await dataset.chain(id);
    const { problem } = await dataset.problem(chain.problemId);
    const { spans, sentences: read } = annotate(chain.text, { problem, pieces: chain.segments, head });
    const offline: Reading = { detector: 'classifier', spans };
    const readings = readingsOf(chain, offline, await dataset.judgement(id));
    const found = new Map(read.map((sentence) => [sentence.start, sentence]));
    for (const sentence of frameSentences(chain, textHash(chain.text), readings)) {
      const { phase = 'implement', phaseScore = 1 } = found.get(sentence.start) ?? {};
      sentences.push({ ...sentence, phase, phaseScore });
    }
  }
  const draws = {
    size,
    seed,
    id: randomBytes(8).toString('hex'),
    reviewer,
    createdAt: new Date().toISOString(),
    chains: all.length,
    read: chosen.length,
  };
  const plan = order === 'learning' ? drawLearningPlan(sentences, draws) : drawPlan(sentences.map(plain), draws);
  return createCalibration(dataset, plan);
}

const plain = ({ phase: _phase, phaseScore: _score, ...sentence }: FrameSentence & Readable): FrameSentence => sentence;

async function takeSame(dataset: Dataset, name: string, reviewer: string): Promise<string> {
  const { plan } = await readCalibration(dataset, name);
  const mine = (await listCalibrations(dataset)).find(
    (one) => one.plan.id === plan.id && one.plan.reviewer === reviewer,
  );
  if (mine !== undefined) return mine.name;
  return createCalibration(dataset, { ...plan, reviewer, createdAt: new Date().toISOString() });
}

async function report(dataset: Dataset, name: string, { log }: VerbContext): Promise<CalibrationReport> {
  return calibrationReport(await readCalibration(dataset, name), await listCalibrations(dataset, log));
}
