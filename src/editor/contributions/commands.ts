import { REVIEW_KEYS, type ReviewAction } from '../../protocol/keys.ts';

export interface CommandSpec {
  id: string;
  title: string;
  /** A codicon name. */
  icon?: string;
  /** Starts a process or sends data out: blocked in a restricted workspace, by enablement and again in code. */
  trust: boolean;
  /** When it can work; the trust condition is added to it. */
  enablement?: string;
}

const WITH_DATASET = 'longhand.dataset != none';

const TABLE = [
  { id: 'longhand.createDataset', title: 'Create Dataset…', icon: 'new-folder', trust: true },
  { id: 'longhand.openSample', title: 'Open Sample Dataset', icon: 'mortar-board', trust: true },
  {
    id: 'longhand.selectDataset',
    title: 'Select Dataset…',
    icon: 'check',
    trust: false,
    enablement: 'longhand.datasets != one',
  },
  {
    id: 'longhand.importProblems',
    title: 'Import Problems…',
    icon: 'cloud-download',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.importTraces', title: 'Import Traces…', icon: 'git-merge', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.selectModel', title: 'Select Model…', icon: 'server', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.checkEndpoint', title: 'Check Endpoint', icon: 'pulse', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.removeKey', title: 'Remove API Key…', icon: 'key', trust: false },
  { id: 'longhand.generateChains', title: 'Generate Chains…', icon: 'play', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.planSamplingRound',
    title: 'Plan Sampling Round…',
    icon: 'graph',
    trust: true,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.showDifficulty',
    title: 'Show Difficulty',
    icon: 'graph-left',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.setPrices', title: 'Set Prices…', icon: 'credit-card', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.resumeRound',
    title: 'Resume Round',
    icon: 'debug-continue',
    trust: true,
    enablement: 'longhand.resumable != none',
  },
  {
    id: 'longhand.cancelRound',
    title: 'Cancel Round',
    icon: 'debug-stop',
    trust: true,
    enablement: 'longhand.round != idle',
  },
  { id: 'longhand.showRound', title: 'Show Round', icon: 'pulse', trust: false, enablement: WITH_DATASET },
  { id: 'longhand.judge', title: 'Judge Behaviours…', icon: 'law', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.chooseGradingPolicy',
    title: 'Choose Grading Policy…',
    icon: 'settings',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.regrade', title: 'Regrade Dataset…', icon: 'sync', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.reassemble',
    title: 'Re-assemble Dataset…',
    icon: 'combine',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.refilter', title: 'Re-filter Dataset…', icon: 'filter', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.compareGradings', title: 'Compare Gradings…', icon: 'diff', trust: true },
  { id: 'longhand.gradeFile', title: 'Grade File…', icon: 'pass', trust: true },
  { id: 'longhand.evaluate', title: 'Evaluate…', icon: 'dashboard', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.compareEvaluations',
    title: 'Compare Evaluations…',
    icon: 'diff',
    trust: true,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.openReviewQueue',
    title: 'Open Review Queue',
    icon: 'checklist',
    trust: false,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.calibrateDetectors',
    title: 'Calibrate Detectors…',
    icon: 'beaker',
    // Labelling is reading; only drawing new sentences starts a process, and `Verbs` asks for trust then.
    trust: false,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.exportTrainingSet',
    title: 'Export Training Set…',
    icon: 'export',
    trust: true,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.serveCheckpoint',
    title: 'Serve Checkpoint…',
    icon: 'server-process',
    trust: true,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.startStarter',
    title: 'Start Starter Model',
    icon: 'debug-start',
    trust: true,
    enablement: 'longhand.starter != running',
  },
  {
    id: 'longhand.stopStarter',
    title: 'Stop Starter Model',
    icon: 'debug-stop',
    trust: true,
    enablement: 'longhand.starter != stopped',
  },
  { id: 'longhand.train', title: 'Train…', icon: 'rocket', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.stopRun',
    title: 'Stop Run',
    icon: 'debug-stop',
    trust: true,
    enablement: 'longhand.run != idle',
  },
  {
    id: 'longhand.resumeRun',
    title: 'Resume Run',
    icon: 'debug-continue',
    trust: true,
    // One that is finished can train longer.
    enablement: 'longhand.runs != none',
  },
  { id: 'longhand.openRunLog', title: 'Open Log', icon: 'output', trust: true, enablement: 'longhand.runs != none' },
  // Looking is reading: what the files say can be seen without trust.
  {
    id: 'longhand.showLoss',
    title: 'Show Loss',
    icon: 'graph-line',
    trust: false,
    enablement: 'longhand.runs != none',
  },
  {
    id: 'longhand.openRunConfig',
    title: 'Open Run Configuration',
    icon: 'settings',
    trust: false,
    enablement: 'longhand.runs != none',
  },
  {
    id: 'longhand.showCheckpoint',
    title: 'Show Checkpoint Folder',
    icon: 'folder-opened',
    trust: false,
    enablement: 'longhand.runs != none',
  },
  { id: 'longhand.showLog', title: 'Show Log', icon: 'output', trust: false },
  {
    id: 'longhand.openSettingsFile',
    title: 'Open Settings File',
    icon: 'settings-gear',
    trust: false,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.openPrompts', title: 'Open Prompts', icon: 'edit', trust: false, enablement: WITH_DATASET },
  {
    id: 'longhand.openWorkbench',
    title: 'Open Prompt Workbench',
    icon: 'tools',
    // Looking is reading; a run starts a process, and is refused without trust.
    trust: false,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.refresh', title: 'Refresh', icon: 'refresh', trust: false },
  { id: 'longhand.openWalkthrough', title: 'Open Walkthrough', icon: 'book', trust: false },
] as const satisfies readonly CommandSpec[];

export type ReviewCommandId = `longhand.review.${ReviewAction}`;
export type CommandId = (typeof TABLE)[number]['id'] | ReviewCommandId;

export const reviewCommandId = (action: ReviewAction): ReviewCommandId => `longhand.review.${action}`;

/** Every command of the extension: the table above and one for each review action of the key registry. */
export const COMMANDS: readonly (CommandSpec & { id: CommandId })[] = [
  ...TABLE,
  ...REVIEW_KEYS.map(({ action, title }) => ({
    id: reviewCommandId(action),
    title,
    trust: false,
    enablement: 'longhand.reviewActive',
  })),
];

const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

/** @throws {Error} when `id` is not in the table, which the types already rule out. */
export function commandSpec(id: CommandId): CommandSpec {
  const spec = BY_ID.get(id);
  if (spec === undefined) throw new Error(`${id} is not in the command table`);
  return spec;
}
