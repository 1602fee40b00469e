import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { ViewId } from '../contributions/index.ts';
import { plainItem } from './plain-text.ts';

/** A tree view in which icons and links in labels, descriptions and tooltips are not rendered: they may quote datasets and servers. */
export function createTreeView<T>(id: ViewId, provider: vscode.TreeDataProvider<T>): vscode.TreeView<T> {
  const { onDidChangeTreeData } = provider;
  const treeDataProvider: vscode.TreeDataProvider<T> = {
    ...defined({ onDidChangeTreeData }),
    getChildren: (node) => provider.getChildren(node),
    getTreeItem: async (node) => plainItem(await provider.getTreeItem(node)),
    resolveTreeItem: async (item, node, cancel) =>
      plainItem((await provider.resolveTreeItem?.(item, node, cancel)) ?? item),
  };
  return vscode.window.createTreeView(id, {
    treeDataProvider,
    showCollapseAll: true,
    // A checked facet says nothing about its values.
    manageCheckboxStateManually: true,
  });
}
