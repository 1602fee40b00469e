import * as vscode from 'vscode';
import { handlers } from './editor/commands/index.ts';
import { LOSS_VIEW, REVIEW_VIEW, type ViewId } from './editor/contributions/index.ts';
import { DatasetTree } from './editor/dataset-tree.ts';
import { Datasets } from './editor/datasets.ts';
import { Endpoints } from './editor/endpoints.ts';
import { EngineKeys } from './editor/engine-keys.ts';
import { Keys } from './editor/keys.ts';
import { LanguageModelBridge } from './editor/language-model-bridge.ts';
import { lossSerializer } from './editor/loss/serializer.ts';
import { QueueTree } from './editor/queue-tree.ts';
import { ReadOnlyDocuments } from './editor/read-only-documents.ts';
import { registerCommands } from './editor/registration.ts';
import { Reporter } from './editor/reporter.ts';
import { LazyReview } from './editor/review-lazy.ts';
import { offerResume, roundNotices } from './editor/round-notices.ts';
import { RoundPlaces } from './editor/round-places.ts';
import { Rounds } from './editor/rounds.ts';
import { RunLogs } from './editor/run-logs.ts';
import { runNotices } from './editor/run-notices.ts';
import { runStatusBar } from './editor/run-status-bar.ts';
import { Runs } from './editor/runs.ts';
import type { Services } from './editor/services.ts';
import { roundStatusBar } from './editor/status-bar.ts';
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
  const datasets = own(new Datasets(reporter, context.workspaceState));
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
  const services: Services = {
    ...{ context, reporter, verbs, keys, engineKeys, endpoints, bridge, datasets, documents },
    ...{ rounds, roundPlaces, runs, runLogs },
  };
  const review = own(new LazyReview(services));
  const datasetTree = own(new DatasetTree(datasets, rounds, runs));
  const queueTree = own(new QueueTree(datasets));
  const tree = <T>(id: ViewId, treeDataProvider: vscode.TreeDataProvider<T>) =>
    vscode.window.createTreeView(id, { treeDataProvider, showCollapseAll: true });

  own(tree('longhand.datasets', datasetTree));
  own(queueTree.title(own(tree('longhand.queue', queueTree))));
  own(vscode.window.registerWebviewPanelSerializer(REVIEW_VIEW, review));
  own(roundStatusBar(rounds));
  own(roundNotices(rounds, reporter));
  own(runStatusBar(runs));
  own(runNotices(runs, reporter));
  own(vscode.window.registerWebviewPanelSerializer(LOSS_VIEW, lossSerializer(services)));
  own(registerCommands(handlers(services, review), reporter));

  void datasets
    .ready()
    .then(() => rounds.look())
    .then(() => offerResume(rounds))
    .catch((error: unknown) => reporter.error(error));
}
