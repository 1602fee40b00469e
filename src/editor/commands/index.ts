import * as vscode from 'vscode';
import { REVIEW_KEYS } from '../../protocol/keys.ts';
import { type ReviewCommandId, reviewCommandId, WALKTHROUGH } from '../contributions/index.ts';
import { isFacetChoice } from '../facets.ts';
import type { Handler, Handlers } from '../registration.ts';
import type { LazyReview } from '../review-lazy.ts';
import type { Services } from '../services.ts';

/** What each command does. The modules behind them are loaded by their first use. */
export function handlers(services: Services, review: LazyReview): Handlers {
  const { datasets, rounds, reporter, context } = services;
  return {
    'longhand.createDataset': async () => (await import('./datasets.ts')).createDataset(services),
    'longhand.openSample': async () => (await import('./datasets.ts')).openSample(services),
    'longhand.selectDataset': async (node) => {
      await (node === undefined ? datasets.pick() : datasets.select(await datasets.resolve(node)));
    },
    'longhand.importProblems': async (what) => (await import('./import-problems.ts')).importProblems(services, what),
    'longhand.importTraces': async (what) => (await import('./import-traces.ts')).importTraces(services, what),
    'longhand.selectModel': async (node) => (await import('./select-model.ts')).selectModel(services, node),
    'longhand.checkEndpoint': async (node) => (await import('./check-endpoint.ts')).checkEndpoint(services, node),
    'longhand.removeKey': async () => (await import('./select-model.ts')).removeKey(services),
    'longhand.generateChains': async (node) => (await import('./generate.ts')).generateChains(services, node),
    'longhand.planSamplingRound': async (node) =>
      (await import('../sampling/index.ts')).planSamplingRound(services, node),
    'longhand.showDifficulty': async (node) =>
      (await import('../sampling/difficulty.ts')).showDifficulty(services, node),
    'longhand.setPrices': async (node) => (await import('./prices.ts')).setPrices(services, node),
    'longhand.resumeRound': async (node) => (await import('./rounds.ts')).resumeRound(services, node),
    'longhand.cancelRound': async (node) => (await import('./rounds.ts')).cancelRound(services, node),
    'longhand.showRound': async (node) => (await import('./rounds.ts')).showRound(services, node),
    'longhand.judge': async (node) => (await import('./judge.ts')).judgeBehaviours(services, node),
    'longhand.chooseGradingPolicy': async (node) =>
      (await import('./grading-policy.ts')).chooseGradingPolicy(services, node),
    'longhand.reassemble': async (node) => (await import('./reassemble.ts')).reassembleDataset(services, node),
    'longhand.regrade': async (node) => (await import('./regrade.ts')).regradeDataset(services, node),
    'longhand.refilter': async (node) => (await import('./refilter.ts')).refilterDataset(services, node),
    'longhand.compareGradings': async (node) => (await import('./compare-gradings.ts')).compareGradings(services, node),
    'longhand.gradeFile': async (file) => (await import('./grade-file.ts')).gradeFile(services, file),
    'longhand.evaluate': async (node) => (await import('./evaluate.ts')).evaluateModel(services, node),
    'longhand.compareEvaluations': async (node) =>
      (await import('./compare-evaluations.ts')).compareTwoEvaluations(services, node),
    'longhand.train': async (node) => (await import('./train.ts')).trainModel(services, node),
    'longhand.stopRun': async (node) => (await import('./runs.ts')).stopRun(services, node),
    'longhand.resumeRun': async (node) => (await import('./runs.ts')).resumeRun(services, node),
    'longhand.openRunLog': async (node) => (await import('./runs.ts')).openRunLog(services, node),
    'longhand.openRunConfig': async (node) => (await import('./runs.ts')).openRunConfig(services, node),
    'longhand.showCheckpoint': async (node) => (await import('./runs.ts')).showCheckpoint(services, node),
    'longhand.showLoss': async (node) => (await import('../loss/index.ts')).showLoss(services, node),
    'longhand.openReviewQueue': async (what) => review.show(await datasets.resolve(what), facetOf(what)),
    'longhand.calibrateDetectors': async (node) =>
      (await import('../calibrate/index.ts')).calibrateDetectors(services, node),
    'longhand.exportTrainingSet': async (node) => (await import('./export.ts')).exportTrainingSet(services, node),
    'longhand.serveCheckpoint': async (node) => (await import('./serve.ts')).serveCheckpoint(services, node),
    'longhand.startStarter': async () => (await import('./starter.ts')).startStarter(services),
    'longhand.stopStarter': async () => (await import('./starter.ts')).stopStarter(services),
    'longhand.showLog': () => reporter.log.show(),
    'longhand.openSettingsFile': async (node) => (await import('./datasets.ts')).openSettingsFile(services, node),
    'longhand.openPrompts': async (node) => (await import('./datasets.ts')).openPrompts(services, node),
    'longhand.openWorkbench': async (what) => (await import('../workbench/index.ts')).openWorkbench(services, what),
    'longhand.refresh': async () => {
      await datasets.find();
      await Promise.all(datasets.all.map((ref) => datasets.refresh(ref)));
      await rounds.look();
    },
    'longhand.openWalkthrough': () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#${WALKTHROUGH.id}`),
    ...reviewHandlers(review),
  };
}

function reviewHandlers(review: LazyReview): Record<ReviewCommandId, Handler> {
  const entries = REVIEW_KEYS.map(({ action }) => [reviewCommandId(action), () => review.perform(action)]);
  // One entry for each action of the registry, which `fromEntries` can't express.
  return Object.fromEntries(entries) as Record<ReviewCommandId, Handler>;
}

/** The facet value that an item of the Review Queue view or a round stands for. */
function facetOf(what: unknown): ReturnType<typeof choice> {
  return typeof what === 'object' && what !== null && 'facet' in what ? choice(what.facet) : roundFacet(what);
}

const choice = (facet: unknown) => (isFacetChoice(facet) ? facet : undefined);

function roundFacet(what: unknown): ReturnType<typeof choice> {
  if (typeof what !== 'object' || what === null || !('round' in what) || typeof what.round !== 'string')
    return undefined;
  return { facet: 'round', value: what.round };
}
