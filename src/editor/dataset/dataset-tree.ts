import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isGenerated } from '../../core/dataset/round-kind.ts';
import { messageOf } from '../../core/errors.ts';
import type { ModelRef, ModelRole } from '../../core/schemas/index.ts';
import { shortened } from '../../core/text/format.ts';
import type { DamagedFile } from '../../protocol/damage.ts';
import type { RoundStatus } from '../../protocol/runner.ts';
import type { BrokenRun } from '../../protocol/training.ts';
import type { StoredEvaluation } from '../../store/evaluations.ts';
import { formatCoverage } from '../../verbs/sampling/print.ts';
import type { CommandId } from '../contributions/index.ts';
import { DisposableStore } from '../dispose.ts';
import { evaluationItem, listEvaluations } from '../evaluation/evaluation-item.ts';
import { modelPlace } from '../models/model-place.ts';
import { comparisonItem } from '../selections/comparison-item.ts';
import { type ComparisonNode, Comparisons, listComparisons } from '../selections/comparisons.ts';
import { brokenRunItem, type RunNode, runItem, runNode } from '../training/run-item.ts';
import type { Runs } from '../training/runs.ts';
import { count, l10n, t } from '../ui/format.ts';
import { type DamagedNode, damagedItem, damagedNode, damageItem } from './damage-item.ts';
import type { Datasets } from './datasets.ts';
import type { DatasetRef } from './find-datasets.ts';
import { callsOf, chainsOf, roundDescription, roundIcon, roundInBrief } from './round-text.ts';
import type { RoundNode, Rounds } from './rounds.ts';

type DatasetNode =
  | { kind: 'dataset'; ref: DatasetRef }
  | { kind: 'model'; ref: DatasetRef; role: ModelRole; model: ModelRef | undefined; promptSet: string }
  | { kind: 'problems' | 'rounds' | 'evaluations' | 'comparisons' | 'exports' | 'runs'; ref: DatasetRef; count: number }
  | { kind: 'problem-file'; ref: DatasetRef; file: string; count: number }
  | RoundNode
  | { kind: 'export'; ref: DatasetRef; name: string }
  | { kind: 'evaluation'; ref: DatasetRef; stored: StoredEvaluation }
  | ComparisonNode
  | RunNode
  | { kind: 'broken-run'; ref: DatasetRef; broken: BrokenRun }
  | { kind: 'difficulty'; ref: DatasetRef }
  | { kind: 'damage'; ref: DatasetRef; damaged: readonly DamagedFile[] }
  | DamagedNode
  | { kind: 'broken'; ref: DatasetRef; message: string };

/** Characters of a model's name in a line. */
const MODEL_ROOM = 32;

/** The Datasets view: each dataset with its models, problems, rounds, evaluations, comparisons, exports and runs, read when a branch is opened. */
export class DatasetTree implements vscode.TreeDataProvider<DatasetNode>, vscode.Disposable {
  readonly #datasets: Datasets;
  readonly #rounds: Rounds;
  readonly #runs: Runs;
  readonly #disposables = new DisposableStore();
  readonly #comparisons = this.#disposables.add(new Comparisons());
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<DatasetNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** Items of the view by dataset and round, so that a running round updates only its own line. */
  readonly #roundNodes = new Map<string, DatasetNode>();
  #shape = '';
  readonly #runNodes = new Map<string, RunNode>();
  #runShape = '';

  constructor(datasets: Datasets, rounds: Rounds, runs: Runs) {
    this.#datasets = datasets;
    this.#rounds = rounds;
    this.#runs = runs;
    this.#disposables.add(datasets.onDidChange(() => this.refresh()));
    this.#disposables.add(datasets.onDidChangeContent(() => this.refresh()));
    this.#disposables.add(rounds.onDidChange(() => this.#roundsChanged()));
    this.#disposables.add(runs.onDidChange(() => this.#runsChanged()));
    this.#disposables.add(this.#comparisons.onDidChange((node) => this.#changed.fire(node)));
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(node?: DatasetNode): Promise<DatasetNode[]> {
    if (node === undefined) {
      await this.#datasets.ready();
      return this.#datasets.all.map((ref) => ({ kind: 'dataset', ref }));
    }
    switch (node.kind) {
      case 'dataset':
        return this.#parts(node.ref);
      case 'damage':
        return node.damaged.map((damaged) => damagedNode(node.ref, damaged));
      case 'problems':
        return this.#problemFiles(node.ref);
      case 'rounds':
        return this.#rounds.of(node.ref).map(({ round }) => this.#roundNode(node.ref, round));
      case 'evaluations':
        return (await listEvaluations(node.ref.folder)).map((stored) => ({
          kind: 'evaluation',
          ref: node.ref,
          stored,
        }));
      case 'comparisons':
        return this.#comparisons.of(node.ref);
      case 'exports':
        return (await exportNames(node.ref)).map((name) => ({ kind: 'export', ref: node.ref, name }));
      case 'runs':
        return [
          ...this.#runs.broken(node.ref).map((broken): DatasetNode => ({ kind: 'broken-run', ref: node.ref, broken })),
          ...this.#runs
            .of(node.ref)
            .map(({ run }) => this.#runNode(node.ref, run))
            .reverse(),
        ];
      default:
        return [];
    }
  }

  getTreeItem(node: DatasetNode): vscode.TreeItem {
    switch (node.kind) {
      case 'dataset':
        return this.#datasetItem(node.ref);
      case 'model':
        return modelItem(node);
      case 'problems':
        return groupItem(node, t('Problems'), 'symbol-numeric');
      case 'rounds':
        return groupItem(node, t('Rounds'), 'history');
      case 'evaluations':
        return groupItem(node, t('Evaluations'), 'dashboard');
      case 'evaluation':
        return evaluationItem(node.ref, node.stored);
      case 'comparisons':
        return groupItem(node, t('Comparisons'), 'split-horizontal');
      case 'comparison':
        return comparisonItem(node);
      case 'exports':
        return groupItem(node, t('Exports'), 'package');
      case 'runs':
        return groupItem(node, t('Runs'), 'rocket');
      case 'run':
        return runItem(
          node,
          this.#runs.of(node.ref).find(({ run }) => run === node.run),
        );
      case 'broken-run':
        return brokenRunItem(node.ref, node.broken);
      case 'difficulty':
        return difficultyItem(node.ref);
      case 'problem-file':
        return fileItem(node.ref, ['problems', node.file], node.file, count(node.count), 'file');
      case 'round':
        return this.#roundItem(node.ref, node.round);
      case 'export':
        return fileItem(node.ref, ['exports', node.name, 'README.md'], node.name, '', 'archive');
      case 'damage':
        return damageItem(node.ref, node.damaged);
      case 'damaged-file':
        return damagedItem(node);
      case 'broken':
        return brokenItem(node.ref, node.message);
    }
  }

  /** Makes the tooltip of a round on demand, since that of a sampling round reads its summary. */
  async resolveTreeItem(item: vscode.TreeItem, node: DatasetNode): Promise<vscode.TreeItem> {
    if (node.kind !== 'round') return item;
    const status = this.#rounds.of(node.ref).find(({ round }) => round === node.round);
    if (status === undefined) return item;
    item.tooltip = roundTooltip(status, await this.#coverage(node.ref, status));
    return item;
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #coverage(ref: DatasetRef, { round, kind }: RoundStatus): Promise<string[]> {
    if (kind !== 'sampling') return [];
    // Without a readable summary, the tooltip has its other lines.
    const summary = await (await this.#datasets.open(ref)).summary(round).catch(() => undefined);
    return summary?.sampling === undefined ? [] : formatCoverage(summary.sampling, summary.problems, l10n);
  }

  async #parts(ref: DatasetRef): Promise<DatasetNode[]> {
    try {
      const dataset = await this.#datasets.open(ref);
      const { model, fineTuned, promptSet } = dataset.settings;
      await this.#rounds.refresh(ref);
      const damaged = dataset.index.damaged();
      return [
        ...(damaged.length === 0 ? [] : [{ kind: 'damage' as const, ref, damaged }]),
        ...modelNodes(ref, model, fineTuned, promptSet),
        { kind: 'problems', ref, count: dataset.index.problemCount },
        { kind: 'rounds', ref, count: this.#rounds.of(ref).length },
        { kind: 'difficulty', ref },
        { kind: 'evaluations', ref, count: (await listEvaluations(ref.folder)).length },
        { kind: 'comparisons', ref, count: (await listComparisons(ref)).length },
        { kind: 'exports', ref, count: (await exportNames(ref)).length },
        { kind: 'runs', ref, count: this.#runs.of(ref).length + this.#runs.broken(ref).length },
      ];
    } catch (error) {
      return [{ kind: 'broken', ref, message: messageOf(error) }];
    }
  }

  async #problemFiles(ref: DatasetRef): Promise<DatasetNode[]> {
    const counts = new Map<string, number>();
    for (const { file } of (await this.#datasets.open(ref)).index.problems()) {
      counts.set(file, (counts.get(file) ?? 0) + 1);
    }
    return [...counts].map(([file, size]) => ({
      kind: 'problem-file',
      ref,
      file: file.replace(/^problems\//, ''),
      count: size,
    }));
  }

  #roundNode(ref: DatasetRef, round: string): DatasetNode {
    const key = `${ref.folder}\n${round}`;
    const node = this.#roundNodes.get(key) ?? { kind: 'round', ref, round };
    this.#roundNodes.set(key, node);
    return node;
  }

  /** Progress updates the line of a round; a new round or state updates the tree, since menus depend on it. */
  #roundsChanged(): void {
    const shape = JSON.stringify(this.#rounds.all.map(({ ref, status }) => [ref.folder, status.round, status.state]));
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.refresh();
      return;
    }
    for (const { ref, status } of this.#rounds.running) this.#changed.fire(this.#roundNode(ref, status.round));
  }

  /** The same item for the same run, so that its line can be updated alone. */
  #runNode(ref: DatasetRef, run: string): RunNode {
    const key = `${ref.folder}\n${run}`;
    const node = this.#runNodes.get(key) ?? runNode(ref, run);
    this.#runNodes.set(key, node);
    return node;
  }

  /** As with rounds: a step updates one line, a new run or state the tree. */
  #runsChanged(): void {
    const shape = JSON.stringify([
      this.#runs.all.map(({ ref, report }) => [ref.folder, report.run, report.state]),
      this.#datasets.all.map((ref) => this.#runs.broken(ref)),
    ]);
    if (shape !== this.#runShape) {
      this.#runShape = shape;
      this.refresh();
      return;
    }
    for (const { ref, report } of this.#runs.live) this.#changed.fire(this.#runNode(ref, report.run));
  }

  #datasetItem(ref: DatasetRef): vscode.TreeItem {
    const several = this.#datasets.all.length > 1;
    const isCurrent = this.#datasets.current?.folder === ref.folder;
    const item = new vscode.TreeItem(
      ref.name,
      isCurrent || !several ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = ref.folder;
    item.iconPath = new vscode.ThemeIcon('database');
    item.contextValue = 'dataset';
    item.tooltip = ref.folder;
    if (several) {
      item.description = isCurrent ? t('{0} · current', this.#datasets.pathOf(ref)) : this.#datasets.pathOf(ref);
      item.command = command('longhand.selectDataset', t('Select Dataset'), { ref });
    }
    return item;
  }

  #roundItem(ref: DatasetRef, round: string): vscode.TreeItem {
    const item = new vscode.TreeItem(round);
    item.id = `${ref.folder}\nround\n${round}`;
    const status = this.#rounds.of(ref).find((one) => one.round === round);
    if (status === undefined) return item;
    item.description = roundInBrief(status);
    item.iconPath = roundIcon(status);
    item.contextValue = `round.${isGenerated(status.kind) ? status.state : status.kind}`;
    // The tooltip is made in resolveTreeItem.
    item.command = command('longhand.openReviewQueue', t('Open Review Queue'), {
      ref,
      query: [{ field: 'round', op: '=', values: [round] }],
      clicked: item.id,
    });
    return item;
  }
}

function roundTooltip(status: RoundStatus, coverage: readonly string[]): string {
  const { runner } = status;
  const lines = [
    `${status.round}: ${roundDescription(status)}`,
    ...coverage,
    chainsOf(status),
    ...(runner === undefined ? [] : [callsOf(runner)]),
    ...(runner?.message === undefined ? [] : [runner.message]),
  ];
  return lines.join('\n');
}

/** One item per model of the dataset; without any, one to select the base model. */
function modelNodes(
  ref: DatasetRef,
  base: ModelRef | undefined,
  fineTuned: ModelRef | undefined,
  promptSet: string,
): DatasetNode[] {
  const node = (role: ModelRole, model: ModelRef | undefined): DatasetNode => {
    return { kind: 'model', ref, role, model, promptSet };
  };
  return [
    ...(base === undefined && fineTuned !== undefined ? [] : [node('base', base)]),
    ...(fineTuned === undefined ? [] : [node('fine-tuned', fineTuned)]),
  ];
}

function modelItem({ ref, role, model, promptSet }: Extract<DatasetNode, { kind: 'model' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(role === 'base' ? t('Model') : t('Fine-Tuned Model'));
  item.id = `${ref.folder}\nmodel\n${role}`;
  item.iconPath = new vscode.ThemeIcon(role === 'base' ? 'server' : 'mortar-board');
  item.contextValue = 'model';
  item.command = command('longhand.manageModels', t('Manage Models…'), { ref });
  item.description = model === undefined ? t('not selected') : shortened(model.model, MODEL_ROOM);
  if (model !== undefined) {
    item.tooltip = t('{0} · {1} · {2} prompts', model.model, modelPlace(model), promptSet);
  }
  return item;
}

function difficultyItem(ref: DatasetRef): vscode.TreeItem {
  const item = new vscode.TreeItem(t('Difficulty'));
  item.id = `${ref.folder}\ndifficulty`;
  item.iconPath = new vscode.ThemeIcon('graph-left');
  item.contextValue = 'difficulty';
  item.tooltip = t('Pass rates of the problems, and what each round changed');
  item.command = command('longhand.showDifficulty', t('Show Difficulty'), { ref });
  return item;
}

function groupItem(
  node: { ref: DatasetRef; kind: string; count: number },
  label: string,
  icon: string,
): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  const open = node.kind === 'rounds' || node.kind === 'runs' ? Expanded : Collapsed;
  const item = new vscode.TreeItem(label, node.count === 0 ? None : open);
  // VS Code keeps the expansion state by id, so an empty group has its own.
  item.id = `${node.ref.folder}\n${node.kind}\n${node.count === 0}`;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.description = count(node.count);
  item.contextValue = node.kind;
  return item;
}

function fileItem(ref: DatasetRef, path: string[], label: string, description: string, icon: string): vscode.TreeItem {
  const file = vscode.Uri.file(join(ref.folder, ...path));
  const item = new vscode.TreeItem(label);
  item.id = file.fsPath;
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = path[0] === 'exports' ? 'export' : 'problem-file';
  const isPage = file.path.endsWith('.md');
  item.command = {
    command: isPage ? 'markdown.showPreview' : 'vscode.open',
    title: t('Open'),
    arguments: [file],
  };
  return item;
}

function brokenItem(ref: DatasetRef, message: string): vscode.TreeItem {
  const item = new vscode.TreeItem(t('This dataset could not be read'));
  item.id = `${ref.folder}\nbroken`;
  item.description = message;
  item.tooltip = message;
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.command = command('longhand.openSettingsFile', t('Open Settings File'), { ref });
  return item;
}

const command = (id: CommandId, title: string, argument: unknown): vscode.Command => ({
  command: id,
  title,
  arguments: [argument],
});

/** Names of finished exports, sorted. */
async function exportNames(ref: DatasetRef): Promise<string[]> {
  const entries = await readdir(join(ref.folder, 'exports'), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}
