import type * as vscode from 'vscode';
import type { Datasets } from './dataset/datasets.ts';
import type { RoundPlaces } from './dataset/round-places.ts';
import type { Rounds } from './dataset/rounds.ts';
import type { Endpoints } from './models/endpoints.ts';
import type { Keys } from './models/keys.ts';
import type { LanguageModelBridge } from './models/language-model-bridge.ts';
import type { Reporter } from './reporter.ts';
import type { QueueQueries } from './review/queue-queries.ts';
import type { EngineKeys } from './training/engine-keys.ts';
import type { RunLogs } from './training/run-logs.ts';
import type { Runs } from './training/runs.ts';
import type { ReadOnlyDocuments } from './ui/read-only-documents.ts';
import type { Verbs } from './verbs.ts';

/** Shared by all features; built in `activate`. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly reporter: Reporter;
  readonly verbs: Verbs;
  readonly keys: Keys;
  readonly endpoints: Endpoints;
  readonly bridge: LanguageModelBridge;
  readonly datasets: Datasets;
  readonly queries: QueueQueries;
  readonly rounds: Rounds;
  readonly roundPlaces: RoundPlaces;
  readonly runs: Runs;
  readonly runLogs: RunLogs;
  readonly engineKeys: EngineKeys;
  readonly documents: ReadOnlyDocuments;
}
