import type * as vscode from 'vscode';
import type { Datasets } from './datasets.ts';
import type { Endpoints } from './endpoints.ts';
import type { EngineKeys } from './engine-keys.ts';
import type { Keys } from './keys.ts';
import type { LanguageModelBridge } from './language-model-bridge.ts';
import type { ReadOnlyDocuments } from './read-only-documents.ts';
import type { Reporter } from './reporter.ts';
import type { RoundPlaces } from './round-places.ts';
import type { Rounds } from './rounds.ts';
import type { RunLogs } from './run-logs.ts';
import type { Runs } from './runs.ts';
import type { Verbs } from './verbs.ts';

/** What every feature works with; built once, in `activate`. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly reporter: Reporter;
  readonly verbs: Verbs;
  readonly keys: Keys;
  readonly endpoints: Endpoints;
  readonly bridge: LanguageModelBridge;
  readonly datasets: Datasets;
  readonly rounds: Rounds;
  readonly roundPlaces: RoundPlaces;
  readonly runs: Runs;
  readonly runLogs: RunLogs;
  readonly engineKeys: EngineKeys;
  readonly documents: ReadOnlyDocuments;
}
