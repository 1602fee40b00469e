import * as vscode from 'vscode';
import { setContext } from './context.ts';
import type { Datasets } from './datasets.ts';
import { DisposableStore } from './dispose.ts';
import { type FacetChoice, orderedValues, queryFor, SHOWN_FACETS, type ShownFacet } from './facets.ts';
import type { DatasetRef } from './find-datasets.ts';
import { formatCount } from './format.ts';
import { reviewer } from './reviewer.ts';

type QueueNode =
  | { kind: 'all'; ref: DatasetRef; count: number }
  | { kind: 'facet'; ref: DatasetRef; facet: ShownFacet; values: readonly [string, number][] }
  | { kind: 'value'; ref: DatasetRef; facet: FacetChoice; count: number };

/** The Review Queue view: the chains of the current dataset by decision, class, verdict and so on, each with its count. */
export class QueueTree implements vscode.TreeDataProvider<QueueNode>, vscode.Disposable {
  readonly #datasets: Datasets;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(datasets: Datasets) {
    this.#datasets = datasets;
    this.#disposables.add(datasets.onDidChange(() => this.refresh()));
    this.#disposables.add(datasets.onDidChangeContent(() => this.refresh()));
  }

  /** The dataset whose queue is shown. */
  get shown(): DatasetRef | undefined {
    return this.#datasets.current ?? this.#datasets.all[0];
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** Names the shown dataset beside the view's title, where there are several. */
  title(view: { description?: string }): vscode.Disposable {
    const update = () => {
      view.description = this.#datasets.all.length > 1 ? (this.shown?.name ?? '') : '';
    };
    return this.#datasets.onDidChange(update);
  }

  async getChildren(node?: QueueNode): Promise<QueueNode[]> {
    if (node === undefined) {
      await this.#datasets.ready();
      return this.shown === undefined ? [] : this.#roots(this.shown);
    }
    if (node.kind !== 'facet') return [];
    const { ref, facet, values } = node;
    return values.map(([value, count]) => ({ kind: 'value', ref, facet: { facet, value }, count }));
  }

  getTreeItem(node: QueueNode): vscode.TreeItem {
    switch (node.kind) {
      case 'all':
        return opening(new vscode.TreeItem(vscode.l10n.t('All chains')), node, 'checklist');
      case 'facet':
        return facetItem(node.ref, node.facet);
      case 'value':
        return opening(new vscode.TreeItem(valueName(node.facet)), node, valueIcon(node.facet));
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #roots(ref: DatasetRef): Promise<QueueNode[]> {
    const [{ countFacets }, dataset, me] = await Promise.all([
      import('../store/index.ts'),
      // The Datasets view says what is wrong with one that can't be opened.
      this.#datasets.open(ref).catch(() => undefined),
      reviewer(),
    ]);
    const total = dataset?.index.chains().length ?? 0;
    setContext('longhand.chains', dataset === undefined ? 'unreadable' : total === 0 ? 'none' : 'some');
    if (dataset === undefined || total === 0) return [];
    const counts = countFacets(dataset.index, queryFor(undefined, me));
    const facets: QueueNode[] = SHOWN_FACETS.flatMap((facet) =>
      counts[facet].size === 0 ? [] : [{ kind: 'facet', ref, facet, values: orderedValues(facet, counts[facet]) }],
    );
    return [{ kind: 'all', ref, count: total }, ...facets];
  }
}

function opening(
  item: vscode.TreeItem,
  node: Extract<QueueNode, { count: number }>,
  icon: string | undefined,
): vscode.TreeItem {
  const facet = node.kind === 'value' ? node.facet : undefined;
  item.id = `${node.ref.folder}\n${facet === undefined ? 'all' : `${facet.facet}\n${facet.value}`}`;
  item.description = formatCount(node.count, vscode.env.language);
  if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
  item.command = {
    command: 'longhand.openReviewQueue',
    title: vscode.l10n.t('Open Review Queue'),
    arguments: [{ ref: node.ref, facet }],
  };
  return item;
}

function facetItem(ref: DatasetRef, facet: ShownFacet): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const [label, icon] = facetName(facet);
  const item = new vscode.TreeItem(label, facet === 'decision' || facet === 'class' ? Expanded : Collapsed);
  item.id = `${ref.folder}\n${facet}`;
  item.iconPath = new vscode.ThemeIcon(icon);
  return item;
}

function facetName(facet: ShownFacet): [label: string, icon: string] {
  switch (facet) {
    case 'decision':
      return [vscode.l10n.t('Decision'), 'tasklist'];
    case 'class':
      return [vscode.l10n.t('Class'), 'layers'];
    case 'outcome':
      return [vscode.l10n.t('Verdict'), 'law'];
    case 'overruled':
      return [vscode.l10n.t('Overruled by You'), 'report'];
    case 'triage':
      return [vscode.l10n.t('Doubtful Answers'), 'question'];
    case 'round':
      return [vscode.l10n.t('Round'), 'history'];
    case 'failed':
      return [vscode.l10n.t('Rejected by Filter'), 'filter'];
    case 'behaviour':
      return [vscode.l10n.t('Behaviour'), 'lightbulb'];
    case 'judge':
      return [vscode.l10n.t('Judge Disagrees'), 'comment-discussion'];
    case 'topic':
      return [vscode.l10n.t('Topic'), 'tag'];
    case 'level':
      return [vscode.l10n.t('Level'), 'graph'];
    case 'reviewer':
      return [vscode.l10n.t('Reviewer'), 'person'];
  }
}

function valueName({ facet, value }: FacetChoice): string {
  const names: Readonly<Record<string, string>> = {
    'decision pending': vscode.l10n.t('Pending'),
    'decision accepted': vscode.l10n.t('Accepted'),
    'decision rejected': vscode.l10n.t('Rejected'),
    'decision skipped': vscode.l10n.t('Skipped'),
    'class FT': vscode.l10n.t('FT · wrong, then right'),
    'class TF': vscode.l10n.t('TF · right, then wrong'),
    'class TT': vscode.l10n.t('TT · right both times'),
    'class FF': vscode.l10n.t('FF · wrong both times'),
    'outcome correct': vscode.l10n.t('Correct'),
    'outcome incorrect': vscode.l10n.t('Incorrect'),
    'outcome unknown': vscode.l10n.t('Unknown'),
    'outcome timeout': vscode.l10n.t('Grader timed out'),
    'outcome error': vscode.l10n.t('Grader failed'),
    'overruled correct': vscode.l10n.t('To correct'),
    'overruled incorrect': vscode.l10n.t('To incorrect'),
    'overruled unknown': vscode.l10n.t('To unknown'),
    'triage suspect-gold': vscode.l10n.t('Samples agree on another answer'),
    'failed quota': vscode.l10n.t('Left out by quota or selection'),
    'behaviour verification': vscode.l10n.t('Verification'),
    'behaviour backtracking': vscode.l10n.t('Backtracking'),
    'behaviour subgoal': vscode.l10n.t('Subgoal'),
    'behaviour backward': vscode.l10n.t('Backward reasoning'),
    'judge any': vscode.l10n.t('Anywhere'),
    'judge large': vscode.l10n.t('In 30 % of the sentences or more'),
    'judge middling': vscode.l10n.t('In 10 to 30 %'),
    'judge small': vscode.l10n.t('In less than 10 %'),
    'judge none': vscode.l10n.t('Nowhere: judge and detectors agree'),
  };
  return names[`${facet} ${value}`] ?? value;
}

function valueIcon({ facet, value }: FacetChoice): string | undefined {
  const icons: Readonly<Record<string, string>> = {
    'decision pending': 'circle-outline',
    'decision accepted': 'check',
    'decision rejected': 'close',
    'decision skipped': 'debug-step-over',
  };
  return icons[`${facet} ${value}`];
}
