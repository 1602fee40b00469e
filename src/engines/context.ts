/** What an engine must know of where it is used. */
export interface EngineContext {
  /** Folder of the dataset whose runs it starts and finds again. */
  dataset: string;
  /** Folder of `cli.mjs`. */
  distFolder: string;
  /** Inherited by jobs of this machine, but for Longhand's own keys; tokens of clusters are read from it. */
  env: NodeJS.ProcessEnv;
  /** Seconds between asking a job to end and killing it; 10 when absent. */
  graceSeconds?: number;
}
