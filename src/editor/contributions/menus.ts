import { ROW_EXTENSIONS } from '../../core/dataset/values.ts';
import type { CommandId } from './commands.ts';
import { FILE_EXTENSIONS, FILE_VIEW } from './views.ts';

interface MenuItem {
  command: CommandId;
  when: string;
  /** Absent in the palette, which has no groups. */
  group?: string;
}

const isRowFile = `resourceExtname =~ /^\\.(${ROW_EXTENSIONS.join('|')})$/`;
/** JSON is rarely rows, so there it is offered with a dataset only, and by Open With… */
const isTraceFile = [
  `resourceExtname =~ /^\\.(${FILE_EXTENSIONS.filter((one) => one !== 'json').join('|')})$/`,
  'longhand.dataset == open && resourceExtname == .json',
].join(' || ');
const inDatasets = 'view == longhand.datasets';
const inQueue = 'view == longhand.queue';
const onDataset = `${inDatasets} && viewItem =~ /^dataset/`;
const onEvaluations = `${inDatasets} && viewItem == evaluations`;
const onComparisons = `${inDatasets} && viewItem == comparisons`;
const onDamage = `${inDatasets} && viewItem =~ /^damage/`;
const onRound = `${inDatasets} && viewItem =~ /^round/`;
const runningRound = `${inDatasets} && viewItem =~ /^round\\.running/`;
/** Rounds that can be resumed. */
const stoppedRound = `${inDatasets} && viewItem =~ /^round\\.(interrupted|cancelled|failed|planned)/`;

const onRuns = `${inDatasets} && viewItem == runs`;
const onRun = `${inDatasets} && viewItem =~ /^run\\./`;
const onTraining = `${inDatasets} && viewItem =~ /^run\\.train\\./`;
const liveRun = `${inDatasets} && viewItem =~ /^run\\.[a-z]+\\.(pending|running|lost\\.hosted)/`;
const stoppedTraining = `${inDatasets} && viewItem =~ /^run\\.train\\.(prepared|stopped|failed|lost$)/`;
const endedTraining = `${inDatasets} && viewItem =~ /^run\\.train\\.(stopped|failed|lost$|succeeded)/`;

/** A prompt file of a piece. */
const onPrompt =
  'longhand.dataset == open && resourcePath =~ /[\\/\\\\]prompts[\\/\\\\](full|small)[\\/\\\\][^\\/\\\\]+\\.md$/';

/** For commands that require a tree item. */
const NEVER = 'false';

export const MENUS = {
  commandPalette: [
    { command: 'longhand.refresh', when: NEVER },
    { command: 'longhand.resume', when: 'longhand.resumable == some || longhand.resumableRun == some' },
    { command: 'longhand.openRunConfig', when: NEVER },
    // A key of the reader and an icon of the Review Queue.
    { command: 'longhand.filterChains', when: NEVER },
    { command: 'longhand.showCheckpoint', when: NEVER },
    // A click on a dataset in its view does it.
    { command: 'longhand.selectDataset', when: NEVER },
    // In the menu of a dataset, and in Generate Chains.
    { command: 'longhand.openPrompts', when: NEVER },
    // In the menus of a dataset and of the Datasets view.
    { command: 'longhand.repairChains', when: NEVER },
    // The chain table has it too.
    { command: 'longhand.orderChains', when: NEVER },
  ],
  'view/title': [
    { command: 'longhand.generateChains', when: `${inDatasets} && longhand.dataset == open`, group: 'navigation@1' },
    { command: 'longhand.createDataset', when: inDatasets, group: 'navigation@2' },
    { command: 'longhand.refresh', when: inDatasets, group: 'navigation@3' },
    { command: 'longhand.importProblems', when: `${inDatasets} && longhand.dataset == open`, group: '1_import@1' },
    { command: 'longhand.importTraces', when: `${inDatasets} && longhand.dataset == open`, group: '1_import@2' },
    { command: 'longhand.manageModels', when: `${inDatasets} && longhand.dataset == open`, group: '2_model@1' },
    { command: 'longhand.planSamplingRound', when: `${inDatasets} && longhand.dataset == open`, group: '2_sampling@1' },
    { command: 'longhand.repairChains', when: `${inDatasets} && longhand.dataset == open`, group: '2_sampling@2' },
    { command: 'longhand.showDifficulty', when: `${inDatasets} && longhand.dataset == open`, group: '2_sampling@3' },
    { command: 'longhand.serveCheckpoint', when: `${inDatasets} && longhand.dataset == open`, group: '2_model@5' },
    { command: 'longhand.openWorkbench', when: `${inDatasets} && longhand.dataset == open`, group: '2_model@4' },
    { command: 'longhand.exportTrainingSet', when: `${inDatasets} && longhand.dataset == open`, group: '3_export@1' },
    { command: 'longhand.publish', when: `${inDatasets} && longhand.dataset == open`, group: '3_export@2' },
    { command: 'longhand.judge', when: `${inDatasets} && longhand.dataset == open`, group: '3_export@3' },
    {
      command: 'longhand.chooseGradingPolicy',
      when: `${inDatasets} && longhand.dataset == open`,
      group: '3_grading@1',
    },
    { command: 'longhand.rework', when: `${inDatasets} && longhand.dataset == open`, group: '3_grading@2' },
    { command: 'longhand.compare', when: `${inDatasets} && longhand.dataset == open`, group: '3_grading@3' },
    { command: 'longhand.gradeFile', when: inDatasets, group: '3_grading@4' },
    { command: 'longhand.examineData', when: inDatasets, group: '3_grading@5' },
    { command: 'longhand.evaluate', when: `${inDatasets} && longhand.dataset == open`, group: '3_evaluation@1' },
    { command: 'longhand.train', when: `${inDatasets} && longhand.dataset == open`, group: '3_train@1' },
    { command: 'longhand.compareSelections', when: `${inDatasets} && longhand.dataset == open`, group: '3_train@2' },
    { command: 'longhand.openSample', when: inDatasets, group: '4_help@1' },
    { command: 'longhand.openWalkthrough', when: inDatasets, group: '4_help@2' },
    { command: 'longhand.showLog', when: inDatasets, group: '4_help@3' },
    { command: 'longhand.openReviewQueue', when: `${inQueue} && longhand.chains == some`, group: 'navigation@1' },
    { command: 'longhand.openChains', when: `${inQueue} && longhand.chains == some`, group: 'navigation@2' },
    { command: 'longhand.filterChains', when: `${inQueue} && longhand.chains == some`, group: 'navigation@3' },
    { command: 'longhand.refresh', when: inQueue, group: 'navigation@4' },
    { command: 'longhand.goToChain', when: `${inQueue} && longhand.chains == some`, group: '1_calibrate@0' },
    { command: 'longhand.orderChains', when: `${inQueue} && longhand.chains == some`, group: '1_calibrate@0' },
    { command: 'longhand.shareReview', when: `${inQueue} && longhand.chains == some`, group: '1_calibrate@2' },
    { command: 'longhand.calibrateDetectors', when: `${inQueue} && longhand.chains == some`, group: '1_calibrate@1' },
  ],
  'view/item/context': [
    { command: 'longhand.openReviewQueue', when: onDataset, group: 'inline@1' },
    { command: 'longhand.generateChains', when: onDataset, group: 'inline@2' },
    { command: 'longhand.selectDataset', when: `${onDataset} && longhand.datasets == many`, group: '0_select@1' },
    { command: 'longhand.importProblems', when: onDataset, group: '1_import@1' },
    { command: 'longhand.importTraces', when: onDataset, group: '1_import@2' },
    { command: 'longhand.manageModels', when: onDataset, group: '2_model@1' },
    { command: 'longhand.serveCheckpoint', when: onDataset, group: '2_model@4' },
    { command: 'longhand.generateChains', when: onDataset, group: '2_model@2' },
    { command: 'longhand.planSamplingRound', when: onDataset, group: '2_sampling@1' },
    { command: 'longhand.repairChains', when: onDataset, group: '2_sampling@2' },
    { command: 'longhand.showDifficulty', when: onDataset, group: '2_sampling@3' },
    { command: 'longhand.openReviewQueue', when: onDataset, group: '3_review@1' },
    { command: 'longhand.openChains', when: onDataset, group: '3_review@1' },
    { command: 'longhand.judge', when: onDataset, group: '3_review@2' },
    { command: 'longhand.exportTrainingSet', when: onDataset, group: '3_review@3' },
    { command: 'longhand.publish', when: onDataset, group: '3_review@4' },
    { command: 'longhand.shareReview', when: onDataset, group: '3_review@5' },
    { command: 'longhand.chooseGradingPolicy', when: onDataset, group: '3_grading@1' },
    { command: 'longhand.rework', when: onDataset, group: '3_grading@2' },
    { command: 'longhand.compare', when: onDataset, group: '3_grading@3' },
    { command: 'longhand.examineData', when: onDataset, group: '3_grading@4' },
    { command: 'longhand.evaluate', when: onDataset, group: '3_evaluation@1' },
    { command: 'longhand.evaluate', when: onEvaluations, group: 'inline@1' },
    { command: 'longhand.compare', when: onEvaluations, group: 'inline@2' },
    { command: 'longhand.train', when: onDataset, group: '3_train@1' },
    { command: 'longhand.compareSelections', when: onDataset, group: '3_train@2' },
    { command: 'longhand.compareSelections', when: onComparisons, group: 'inline@1' },
    { command: 'longhand.train', when: onRuns, group: 'inline@1' },
    { command: 'longhand.showLoss', when: onTraining, group: 'inline@1' },
    { command: 'longhand.stop', when: liveRun, group: 'inline@2' },
    { command: 'longhand.resume', when: stoppedTraining, group: 'inline@2' },
    { command: 'longhand.showLoss', when: onTraining, group: '1_run@1' },
    { command: 'longhand.showLog', when: onRun, group: '1_run@2' },
    { command: 'longhand.stop', when: liveRun, group: '1_run@3' },
    { command: 'longhand.resume', when: endedTraining, group: '1_run@4' },
    { command: 'longhand.serveCheckpoint', when: onTraining, group: '1_run@5' },
    { command: 'longhand.openRunConfig', when: onTraining, group: '2_files@1' },
    { command: 'longhand.showCheckpoint', when: onTraining, group: '2_files@2' },
    { command: 'longhand.openSettingsFile', when: onDataset, group: '4_files@1' },
    { command: 'longhand.openPrompts', when: onDataset, group: '4_files@2' },
    { command: 'longhand.openWorkbench', when: onDataset, group: '4_files@3' },
    { command: 'longhand.calibrateDetectors', when: onDataset, group: '3_review@3' },
    { command: 'longhand.repairDataset', when: onDamage, group: 'inline@1' },
    { command: 'longhand.repairDataset', when: onDamage, group: '1_damage@1' },
    { command: 'longhand.stop', when: runningRound, group: 'inline@2' },
    { command: 'longhand.resume', when: stoppedRound, group: 'inline@2' },
    { command: 'longhand.openReviewQueue', when: onRound, group: 'inline@1' },
    { command: 'longhand.openReviewQueue', when: onRound, group: '1_round@1' },
    { command: 'longhand.openChains', when: onRound, group: 'inline@3' },
    { command: 'longhand.openChains', when: onRound, group: '1_round@1' },
    { command: 'longhand.showRound', when: onRound, group: '1_round@2' },
    { command: 'longhand.judge', when: onRound, group: '1_round@5' },
    { command: 'longhand.resume', when: stoppedRound, group: '1_round@3' },
    { command: 'longhand.stop', when: runningRound, group: '1_round@4' },
  ],
  // Most only with a dataset, so that context menus of other projects don't change.
  'explorer/context': [
    { command: 'longhand.openTraceFile', when: isTraceFile, group: 'navigation@90' },
    { command: 'longhand.importProblems', when: `longhand.dataset == open && ${isRowFile}`, group: '7_longhand@1' },
    { command: 'longhand.importTraces', when: `longhand.dataset == open && ${isRowFile}`, group: '7_longhand@2' },
    {
      command: 'longhand.gradeFile',
      when: 'longhand.dataset == open && resourceExtname =~ /^\\.(jsonl|ndjson)$/',
      group: '7_longhand@3',
    },
    { command: 'longhand.examineData', when: `longhand.dataset == open && ${isRowFile}`, group: '7_longhand@4' },
    { command: 'longhand.openWorkbench', when: onPrompt, group: '7_longhand@5' },
  ],
  'editor/title': [
    { command: 'longhand.openWorkbench', when: onPrompt, group: 'navigation@9' },
    { command: 'longhand.openFileChains', when: `activeCustomEditorId == ${FILE_VIEW}`, group: 'navigation@7' },
    { command: 'longhand.chooseColumns', when: `activeCustomEditorId == ${FILE_VIEW}`, group: 'navigation@8' },
    { command: 'longhand.makeDataset', when: `activeCustomEditorId == ${FILE_VIEW}`, group: 'navigation@9' },
  ],
} as const satisfies Record<string, readonly MenuItem[]>;

interface Keybinding {
  command: CommandId;
  key: string;
  mac?: string;
  when: string;
}

/** Keys of the whole window. The keys of pages are in src/protocol/keys.ts. */
export const KEYBINDINGS: readonly Keybinding[] = [
  { command: 'longhand.openReviewQueue', key: 'ctrl+k q', mac: 'cmd+k q', when: 'longhand.dataset == open' },
];
