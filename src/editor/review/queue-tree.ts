import * as vscode from 'vscode';
import type { Query } from '../../core/query/query.ts';
import { setContext } from '../context.ts';
import type { Datasets } from '../dataset/datasets.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { DisposableStore } from '../dispose.ts';
import { count, t } from '../ui/format.ts';
import { plainText } from '../ui/plain-text.ts';
import { fieldName, valueName } from './facet-names.ts';
import { type FacetChoice, orderedValues, SHOWN_FACETS, type ShownFacet } from './facets.ts';
import type { QueueQueries } from './queue-queries.ts';
import { reviewer } from './reviewer.ts';

type QueueNode =
  | { kind: 'all'; ref: DatasetRef; count: number }
  | { kind: 'facet'; ref: DatasetRef; facet: ShownFacet; values: readonly CountedValue[] }
  | { kind: 'value'; ref: DatasetRef; facet: FacetChoice; count: number; checked: boolean };

type CountedValue = readonly [value: string, count: number, checked: boolean];

/** The Review Queue view: the facets of the chains of the current dataset with counts. */
export class QueueTree implements vscode.TreeDataProvider<QueueNode>, vscode.Disposable {
  readonly #datasets: Datasets;
  readonly #queries: QueueQueries;
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(datasets: Datasets, queries: QueueQueries) {
    this.#datasets = datasets;
    this.#queries = queries;
    this.#disposables.add(queries.onDidChange(() => this.refresh()));
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

  /** Shows the name of the dataset in the view's title if there are several, and filters by the checked values. */
  attach(view: vscode.TreeView<QueueNode>): vscode.Disposable {
    const update = () => {
      view.description = this.#datasets.all.length > 1 ? plainText(this.shown?.name ?? '') : '';
    };
    return vscode.Disposable.from(
      this.#datasets.onDidChange(update),
      view.onDidChangeCheckboxState(({ items }) => void this.#check(items)),
    );
  }

  async #check(items: readonly [QueueNode, vscode.TreeItemCheckboxState][]): Promise<void> {
    const { withValue, withoutValue } = await import('../../core/query/query.ts');
    for (const [node, state] of items) {
      if (node.kind !== 'value') continue;
      const { ref, facet } = node;
      const change = state === vscode.TreeItemCheckboxState.Checked ? withValue : withoutValue;
      const query = change(this.#queries.of(ref), facet.facet, facet.value);
      await vscode.commands.executeCommand('longhand.openReviewQueue', { ref, query });
    }
  }

  async getChildren(node?: QueueNode): Promise<QueueNode[]> {
    if (node === undefined) {
      await this.#datasets.ready();
      return this.shown === undefined ? [] : this.#roots(this.shown);
    }
    if (node.kind !== 'facet') return [];
    const { ref, facet, values } = node;
    return values.map(([value, count, checked]) => ({ kind: 'value', ref, facet: { facet, value }, count, checked }));
  }

  getTreeItem(node: QueueNode): vscode.TreeItem {
    switch (node.kind) {
      case 'all':
        return opening(new vscode.TreeItem(t('All chains')), node, 'checklist');
      case 'facet':
        return facetItem(node.ref, node.facet);
      case 'value':
        return checkable(
          opening(new vscode.TreeItem(valueName(node.facet.facet, node.facet.value)), node, valueIcon(node.facet)),
          node.checked,
        );
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
    const total = dataset?.index.chainCount ?? 0;
    setContext('longhand.chains', dataset === undefined ? 'unreadable' : total === 0 ? 'none' : 'some');
    if (dataset === undefined || total === 0) return [];
    const query = this.#queries.of(ref);
    const hasText = await dataset.searchTexts(query, { as: me });
    const counts = countFacets(dataset.index, query, { as: me, hasText });
    const facets: QueueNode[] = SHOWN_FACETS.flatMap((facet) =>
      counts[facet].size === 0 ? [] : [{ kind: 'facet', ref, facet, values: shownValues(facet, counts[facet], query) }],
    );
    return [{ kind: 'all', ref, count: total }, ...facets];
  }
}

/** The values of a facet, with those that are selected and match nothing. */
function shownValues(facet: ShownFacet, counts: ReadonlyMap<string, number>, query: Query): CountedValue[] {
  const selected = query.flatMap(({ field, op, values, not }) => (field === facet && op === '=' && !not ? values : []));
  const all = new Map([...selected.map((value) => [value, 0] as const), ...counts]);
  return orderedValues(facet, all).map(([value, found]) => [value, found, selected.includes(value)]);
}

function checkable(item: vscode.TreeItem, checked: boolean): vscode.TreeItem {
  const { Checked, Unchecked } = vscode.TreeItemCheckboxState;
  item.checkboxState = {
    state: checked ? Checked : Unchecked,
    tooltip: checked ? t('Remove from the filters') : t('Add to the filters'),
  };
  return item;
}

function opening(
  item: vscode.TreeItem,
  node: Extract<QueueNode, { count: number }>,
  icon: string | undefined,
): vscode.TreeItem {
  const facet = node.kind === 'value' ? node.facet : undefined;
  const query: Query = facet === undefined ? [] : [{ field: facet.facet, op: '=', values: [facet.value] }];
  item.id = `${node.ref.folder}\n${facet === undefined ? 'all' : `${facet.facet}\n${facet.value}`}`;
  item.description = count(node.count);
  if (icon !== undefined) item.iconPath = new vscode.ThemeIcon(icon);
  item.command = {
    command: 'longhand.openReviewQueue',
    title: t('Open Review Queue'),
    arguments: [{ ref: node.ref, query, clicked: item.id }],
  };
  return item;
}

const FACET_ICONS: Readonly<Record<ShownFacet, string>> = {
  decision: 'tasklist',
  class: 'layers',
  verdict: 'law',
  first: 'milestone',
  overruled: 'report',
  steps: 'list-ordered',
  triage: 'question',
  finding: 'search',
  round: 'history',
  failed: 'filter',
  behaviour: 'lightbulb',
  judge: 'comment-discussion',
  topic: 'tag',
  level: 'graph',
  reviewer: 'person',
  tag: 'bookmark',
  assigned: 'mention',
};

function facetItem(ref: DatasetRef, facet: ShownFacet): vscode.TreeItem {
  const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
  const label = fieldName(facet);
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
