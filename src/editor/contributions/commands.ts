import { REVIEW_KEYS, type ReviewAction } from '../../protocol/keys.ts';
import { FILE_VIEW } from './views.ts';

export interface CommandSpec {
  id: string;
  title: string;
  /** A codicon name. */
  icon?: string;
  /** Starts a process or sends data out: disabled in a restricted workspace. */
  trust: boolean;
  /** When clause; the trust condition is added. Positive, so that an unset context key enables nothing before activation. */
  enablement?: string;
}

const WITH_DATASET = 'longhand.dataset == open';
const WITH_FILE = `activeCustomEditorId == ${FILE_VIEW}`;
const WITH_TRAININGS = 'longhand.trainings == some';

const TABLE = [
  { id: 'longhand.createDataset', title: 'Create Dataset…', icon: 'new-folder', trust: true },
  { id: 'longhand.openSample', title: 'Open Sample Dataset', icon: 'mortar-board', trust: true },
  {
    id: 'longhand.selectDataset',
    title: 'Select Dataset…',
    icon: 'check',
    trust: false,
    enablement: 'longhand.datasets == many',
  },
  {
    id: 'longhand.importProblems',
    title: 'Import Problems…',
    icon: 'cloud-download',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.importTraces', title: 'Import Traces…', icon: 'git-merge', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.openTraceFile', title: 'Open Trace File…', icon: 'book', trust: false },
  {
    id: 'longhand.chooseColumns',
    title: 'Choose Columns…',
    icon: 'list-selection',
    trust: false,
    enablement: WITH_FILE,
  },
  { id: 'longhand.openFileChains', title: 'Open Chains of File', icon: 'table', trust: false, enablement: WITH_FILE },
  { id: 'longhand.goToRow', title: 'Go to Row…', icon: 'search', trust: false, enablement: WITH_FILE },
  {
    id: 'longhand.makeDataset',
    title: 'Make Dataset of File…',
    icon: 'new-folder',
    trust: true,
    enablement: WITH_FILE,
  },
  { id: 'longhand.manageModels', title: 'Manage Models…', icon: 'server', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.generateChains', title: 'Generate Chains…', icon: 'play', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.planSamplingRound',
    title: 'Plan Sampling Round…',
    icon: 'graph',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.repairChains', title: 'Repair Chains…', icon: 'tools', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.showDifficulty',
    title: 'Show Difficulty',
    icon: 'graph-left',
    trust: true,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.resume',
    title: 'Resume…',
    icon: 'debug-continue',
    trust: true,
    // In the tree, a finished training can be trained longer. In the palette, menus.ts limits this to what stopped.
    enablement: `longhand.resumable == some || ${WITH_TRAININGS}`,
  },
  {
    id: 'longhand.stop',
    title: 'Stop…',
    icon: 'debug-stop',
    trust: true,
    enablement: 'longhand.round == running || longhand.run == running',
  },
  { id: 'longhand.showRound', title: 'Show Round', icon: 'pulse', trust: false, enablement: 'longhand.rounds == some' },
  { id: 'longhand.judge', title: 'Label Behaviours with a Model…', icon: 'law', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.chooseGradingPolicy',
    title: 'Choose Grading Policy…',
    icon: 'settings',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.rework', title: 'Rework Dataset…', icon: 'sync', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.repairDataset',
    title: 'Repair Damaged Lines…',
    icon: 'wrench',
    trust: true,
    enablement: 'longhand.damage == some',
  },
  { id: 'longhand.compare', title: 'Compare Gradings or Evaluations…', icon: 'diff', trust: true },
  {
    id: 'longhand.compareSelections',
    title: 'Compare Selections…',
    icon: 'beaker',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.examineData', title: 'Examine Data…', icon: 'search', trust: true },
  { id: 'longhand.gradeFile', title: 'Grade File…', icon: 'pass', trust: true },
  { id: 'longhand.evaluate', title: 'Evaluate…', icon: 'dashboard', trust: true, enablement: WITH_DATASET },
  { id: 'longhand.showDashboard', title: 'Show Dashboard', icon: 'graph', trust: false, enablement: WITH_DATASET },
  {
    id: 'longhand.openReviewQueue',
    title: 'Open Review Queue',
    icon: 'checklist',
    trust: false,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.openChains', title: 'Open Chains', icon: 'table', trust: false, enablement: WITH_DATASET },
  {
    id: 'longhand.orderChains',
    title: 'Order Review Queue…',
    icon: 'list-ordered',
    trust: false,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.goToChain', title: 'Go to Chain…', icon: 'search', trust: false, enablement: WITH_DATASET },
  {
    id: 'longhand.filterChains',
    title: 'Filter Review Queue…',
    icon: 'filter',
    trust: false,
    enablement: WITH_DATASET,
  },
  {
    id: 'longhand.calibrateDetectors',
    title: 'Calibrate Classifier…',
    icon: 'beaker',
    // Only drawing new sentences starts a process, and `Verbs` requires trust for that.
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
    id: 'longhand.publish',
    title: 'Publish to Hugging Face…',
    icon: 'cloud-upload',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.shareReview', title: 'Share Review…', icon: 'share', trust: true, enablement: WITH_DATASET },
  {
    id: 'longhand.serveCheckpoint',
    title: 'Serve Checkpoint…',
    icon: 'server-process',
    trust: true,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.train', title: 'Train…', icon: 'rocket', trust: true, enablement: WITH_DATASET },
  // These only read files.
  {
    id: 'longhand.showLoss',
    title: 'Show Loss',
    icon: 'graph-line',
    trust: false,
    enablement: WITH_TRAININGS,
  },
  {
    id: 'longhand.openRunConfig',
    title: 'Open Run Configuration',
    icon: 'settings',
    trust: false,
    enablement: WITH_TRAININGS,
  },
  {
    id: 'longhand.showCheckpoint',
    title: 'Show Checkpoint Folder',
    icon: 'folder-opened',
    trust: false,
    enablement: WITH_TRAININGS,
  },
  { id: 'longhand.showLog', title: 'Show Log…', icon: 'output', trust: false },
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
    // Runs start a process, and `Verbs` requires trust for them.
    trust: false,
    enablement: WITH_DATASET,
  },
  { id: 'longhand.refresh', title: 'Refresh', icon: 'refresh', trust: false },
  { id: 'longhand.openWalkthrough', title: 'Open Walkthrough', icon: 'book', trust: false },
] as const satisfies readonly CommandSpec[];

export type ReviewCommandId = `longhand.review.${ReviewAction}`;
export type CommandId = (typeof TABLE)[number]['id'] | ReviewCommandId;

export const reviewCommandId = (action: ReviewAction): ReviewCommandId => `longhand.review.${action}`;

/** All commands: the table above and one per review action of the key registry. */
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

export function commandSpec(id: CommandId): CommandSpec {
  const spec = BY_ID.get(id);
  if (spec === undefined) throw new Error(`${id} is not in the command table`);
  return spec;
}
