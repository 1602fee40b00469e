import * as vscode from 'vscode';
import { setContext } from '../context.ts';
import type { Datasets } from '../dataset/datasets.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { DisposableStore } from '../dispose.ts';
import { count, t } from '../ui/format.ts';
import { plainText } from '../ui/plain-text.ts';
import { facetName, valueName } from './facet-names.ts';
import { type FacetChoice, orderedValues, queryFor, SHOWN_FACETS, type ShownFacet } from './facets.ts';
import { reviewer } from './reviewer.ts';

type QueueNode =
  | { kind: 'all'; ref: DatasetRef; count: number }
  | { kind: 'facet'; ref: DatasetRef; facet: ShownFacet; values: readonly [string, number][] }
  | { kind: 'value'; ref: DatasetRef; facet: FacetChoice; count: number };

/** The Review Queue view: the facets of the chains of the current dataset with counts. */
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

  /** Shows the name of the dataset in the view's title if there are several. */
  title(view: { description?: string }): vscode.Disposable {
    const update = () => {
      view.description = this.#datasets.all.length > 1 ? plainText(this.shown?.name ?? '') : '';
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
        return opening(new vscode.TreeItem(t('All chains')), node, 'checklist');
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
      import('../../store/index.ts'),
      // The Datasets view shows the error.
      this.#datasets.open(ref).catch(() => undefined),
      reviewer(),
    ]);
    const total = dataset?.index.chains().length ?? 0;
    setContext('longhand.chains', dataset === undefined ? 'unreadable' : total === 0 ? 'none' : 'some');
    if (dataset === undefined || total === 0) return [];
    const counts = countFacets(dataset.index, queryFor([], me));
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
  item.description = count(node.count);
  if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
  item.command = {
    command: 'longhand.openReviewQueue',
    title: t('Open Review Queue'),
    arguments: [{ ref: node.ref, facet }],
  };
  return item;
}

const FACET_ICONS: Readonly<Record<ShownFacet, string>> = {
  decision: 'tasklist',
  class: 'layers',
  outcome: 'law',
  overruled: 'report',
  triage: 'question',
  round: 'history',
  failed: 'filter',
  behaviour: 'lightbulb',
  judge: 'comment-discussion',
  topic: 'tag',
  level: 'graph',
  reviewer: 'person',
};

function facetItem(ref: DatasetRef, facet: ShownFacet): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const label = facetName(facet);
  const item = new vscode.TreeItem(label, facet === 'decision' || facet === 'class' ? Expanded : Collapsed);
  item.id = `${ref.folder}\n${facet}`;
  item.iconPath = new vscode.ThemeIcon(FACET_ICONS[facet]);
  return item;
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
