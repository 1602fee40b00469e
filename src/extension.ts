import * as vscode from 'vscode';
import { CHAINS_VIEW, LOSS_VIEW, REVIEW_VIEW } from './editor/contributions/index.ts';
import { DatasetTree } from './editor/dataset/dataset-tree.ts';
import { Datasets } from './editor/dataset/datasets.ts';
import { offerResume, roundNotices } from './editor/dataset/round-notices.ts';
import { RoundPlaces } from './editor/dataset/round-places.ts';
import { Rounds } from './editor/dataset/rounds.ts';
import { registerFileEditor } from './editor/files/provider.ts';
import { openWalkthroughOnce } from './editor/first-start.ts';
import { handlers } from './editor/handlers.ts';
import { Endpoints } from './editor/models/endpoints.ts';
import { Keys } from './editor/models/keys.ts';
import { LanguageModelBridge } from './editor/models/language-model-bridge.ts';
import { registerCommands } from './editor/registration.ts';
import { Reporter } from './editor/reporter.ts';
import { QueueQueries } from './editor/review/queue-queries.ts';
import { QueueTree } from './editor/review/queue-tree.ts';
import { LazyReview } from './editor/review/review-lazy.ts';
import type { Services } from './editor/services.ts';
import { roundStatusBar, runStatusBar } from './editor/status-bar.ts';
import { EngineKeys } from './editor/training/engine-keys.ts';
import { lossSerializer } from './editor/training/loss/serializer.ts';
import { RunLogs } from './editor/training/run-logs.ts';
import { runNotices } from './editor/training/run-notices.ts';
import { Runs } from './editor/training/runs.ts';
import { ReadOnlyDocuments } from './editor/ui/read-only-documents.ts';
import { createTreeView } from './editor/ui/tree-view.ts';
import { Verbs } from './editor/verbs.ts';

/**
 * Builds the services and registers the features. Nothing is read or started here: schemas, store, webview and model client are
 * loaded by the first thing that needs them.
 */
export function activate(context: vscode.ExtensionContext): void {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const reporter = own(new Reporter());
  const datasets = own(new Datasets(context.extensionPath, reporter, context.workspaceState));
  const rounds = own(new Rounds(datasets, reporter));
  const verbs = own(new Verbs(context.extensionPath, reporter));
  const keys = new Keys(context.secrets, context.globalState);
  const engineKeys = new EngineKeys(keys);
  const roundPlaces = new RoundPlaces(context.workspaceState);
  const runs = own(new Runs(datasets, verbs, engineKeys, reporter));
  const endpoints = new Endpoints(context.globalState);
  const bridge = own(new LanguageModelBridge(reporter));
  const documents = own(new ReadOnlyDocuments());
  const runLogs = own(new RunLogs());
  const queries = own(new QueueQueries());
  const services: Services = {
    ...{ context, reporter, verbs, keys, engineKeys, endpoints, bridge, datasets, documents },
    ...{ queries, rounds, roundPlaces, runs, runLogs },
  };
  const review = own(new LazyReview(services));
  const datasetTree = own(new DatasetTree(datasets, rounds, runs));
  const queueTree = own(new QueueTree(datasets, queries));

  own(createTreeView('longhand.datasets', datasetTree));
  own(queueTree.attach(own(createTreeView('longhand.queue', queueTree))));
  own(vscode.window.registerWebviewPanelSerializer(REVIEW_VIEW, review));
  own(registerFileEditor(services));
  own(roundStatusBar(rounds));
  own(roundNotices(rounds, reporter));
  own(runStatusBar(runs));
  own(runNotices(runs, reporter));
  own(vscode.window.registerWebviewPanelSerializer(CHAINS_VIEW, review.tables));
  own(vscode.window.registerWebviewPanelSerializer(LOSS_VIEW, lossSerializer(services)));
  own(registerCommands(handlers(services, review), reporter, (argument) => datasets.requireKnown(argument)));

  void datasets
    .ready()
    .then(() => (datasets.all.length > 0 ? openWalkthroughOnce(context.globalState) : undefined))
    .then(() => rounds.refresh())
    .then(() => offerResume(rounds))
    .catch((error: unknown) => reporter.error(error));
}
