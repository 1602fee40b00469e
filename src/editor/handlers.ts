import * as vscode from 'vscode';
import { REVIEW_KEYS } from '../protocol/keys.ts';
import { type ReviewCommandId, reviewCommandId, WALKTHROUGH } from './contributions/index.ts';
import type { Handler, Handlers } from './registration.ts';
import type { LazyReview } from './review/review-lazy.ts';
import type { Services } from './services.ts';

/** The handler of each command. Modules are loaded on first use. */
export function handlers(services: Services, review: LazyReview): Handlers {
  const { datasets, rounds, context } = services;
  return {
    'longhand.createDataset': async () => (await import('./dataset/dataset-commands.ts')).createDataset(services),
    'longhand.openSample': async () => (await import('./dataset/dataset-commands.ts')).openSample(services),
    'longhand.selectDataset': async (node) => {
      await (node === undefined ? datasets.pick() : datasets.select(await datasets.resolve(node)));
    },
    'longhand.importProblems': async (what) =>
      (await import('./dataset/import-problems.ts')).importProblems(services, what),
    'longhand.importTraces': async (what) => (await import('./dataset/import-traces.ts')).importTraces(services, what),
    'longhand.manageModels': async (node) => (await import('./models/manage-models.ts')).manageModels(services, node),
    'longhand.resume': async (node) => (await import('./rounds-and-runs.ts')).resume(services, node),
    'longhand.stop': async (node) => (await import('./rounds-and-runs.ts')).stop(services, node),
    'longhand.showLog': async (node) => (await import('./rounds-and-runs.ts')).showLog(services, node),
    'longhand.rework': async (node) => (await import('./rework.ts')).reworkDataset(services, node),
    'longhand.compare': async (node) => (await import('./compare.ts')).compareResults(services, node),
    'longhand.generateChains': async (node) => (await import('./dialogue/generate.ts')).generateChains(services, node),
    'longhand.showRound': async (node) => (await import('./dataset/round-commands.ts')).showRound(services, node),
    'longhand.judge': async (node) => (await import('./review/judge.ts')).judgeBehaviours(services, node),
    'longhand.chooseGradingPolicy': async (node) =>
      (await import('./grading/grading-policy.ts')).chooseGradingPolicy(services, node),
    'longhand.repairDataset': async (node) => (await import('./dataset/repair.ts')).repairDamage(services, node),
    'longhand.examineData': async (what) => (await import('./dataset/examine.ts')).examineData(services, what),
    'longhand.gradeFile': async (file) => (await import('./grading/grade-file.ts')).gradeFile(services, file),
    'longhand.openRunConfig': async (node) =>
      (await import('./training/run-commands.ts')).openRunConfig(services, node),
    'longhand.showCheckpoint': async (node) =>
      (await import('./training/run-commands.ts')).showCheckpoint(services, node),
    'longhand.showLoss': async (node) => (await import('./training/loss/index.ts')).showLoss(services, node),
    'longhand.showDashboard': async (node) => (await import('./dataset/dashboard.ts')).showDashboard(services, node),
    'longhand.openReviewQueue': async (what) => review.open(await datasets.resolve(what), what),
    'longhand.filterChains': async (what) => (await import('./review/filter-chains.ts')).filterChains(services, what),
    'longhand.orderChains': async (what) => (await import('./review/order-chains.ts')).orderChains(services, what),
    'longhand.goToChain': async (what) => (await import('./review/go-to-chain.ts')).goToChain(services, what),
    'longhand.openChains': async (what) => review.table(await datasets.resolve(what), what),
    'longhand.calibrateDetectors': async (node) =>
      (await import('./review/calibrate/index.ts')).calibrateClassifier(services, node),
    'longhand.exportTrainingSet': async (node) =>
      (await import('./export/export.ts')).exportTrainingSet(services, node),
    'longhand.publish': async (node) => (await import('./export/publish.ts')).publish(services, node),
    'longhand.shareReview': async (what) => (await import('./review/share.ts')).shareReview(services, what),
    'longhand.serveCheckpoint': async (node) => (await import('./serving/serve.ts')).serveCheckpoint(services, node),
    'longhand.openSettingsFile': async (node) =>
      (await import('./dataset/dataset-commands.ts')).openSettingsFile(services, node),
    'longhand.openPrompts': async (node) => (await import('./dataset/dataset-commands.ts')).openPrompts(services, node),
    'longhand.openWorkbench': async (what) =>
      (await import('./dialogue/workbench/panel.ts')).openWorkbench(services, what),
    'longhand.refresh': async () => {
      await datasets.find();
      await Promise.all(datasets.all.map((ref) => datasets.refresh(ref)));
      await rounds.refresh();
    },
    'longhand.openWalkthrough': () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#${WALKTHROUGH.id}`),
    ...modelHandlers(services),
    ...samplingHandlers(services),
    ...fileHandlers(services),
    ...reviewHandlers(review),
  };
}

/** Commands that train and measure models. */
function modelHandlers(
  services: Services,
): Pick<Handlers, 'longhand.evaluate' | 'longhand.compareSelections' | 'longhand.train'> {
  return {
    'longhand.evaluate': async (node) => (await import('./evaluation/evaluate.ts')).evaluateModel(services, node),
    'longhand.compareSelections': async (node) =>
      (await import('./selections/compare-selections.ts')).compareSelections(services, node),
    'longhand.train': async (node) => (await import('./training/train.ts')).trainModel(services, node),
  };
}

/** Commands on what a model samples. */
function samplingHandlers(
  services: Services,
): Pick<Handlers, 'longhand.planSamplingRound' | 'longhand.repairChains' | 'longhand.showDifficulty'> {
  return {
    'longhand.planSamplingRound': async (node) =>
      (await import('./sampling/index.ts')).planSamplingRound(services, node),
    'longhand.repairChains': async (node) => (await import('./sampling/repair.ts')).repairChains(services, node),
    'longhand.showDifficulty': async (node) =>
      (await import('./sampling/difficulty.ts')).showDifficulty(services, node),
  };
}

/** Commands on files that belong to no dataset. */
function fileHandlers(
  services: Services,
): Pick<
  Handlers,
  | 'longhand.openTraceFile'
  | 'longhand.openFileChains'
  | 'longhand.chooseColumns'
  | 'longhand.goToRow'
  | 'longhand.makeDataset'
> {
  return {
    'longhand.openTraceFile': async (what) => (await import('./files/open.ts')).openTraces(services, what),
    'longhand.openFileChains': async () => (await import('./files/show-table.ts')).showTable(services),
    'longhand.chooseColumns': async () => (await import('./files/columns.ts')).chooseColumns(),
    'longhand.goToRow': async () => (await import('./files/go-to-row.ts')).goToRow(),
    'longhand.makeDataset': async () => (await import('./files/make-dataset.ts')).makeDataset(services),
  };
}

function reviewHandlers(review: LazyReview): Record<ReviewCommandId, Handler> {
  const entries = REVIEW_KEYS.map(({ action }) => [reviewCommandId(action), () => review.perform(action)]);
  // One entry for each action of the registry, which `fromEntries` can't express.
  return Object.fromEntries(entries) as Record<ReviewCommandId, Handler>;
}
