import * as vscode from 'vscode';
import { oneLine } from '../../core/text/format.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import { DisposableStore } from '../dispose.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { createQuickPick, type PickItem } from '../ui/quick-input.ts';
import { reviewer } from './reviewer.ts';

/** After this pause in typing, problems are searched. */
const PAUSE_MS = 150;
/** Chains that are listed at most. */
const MOST = 100;
/** Shown characters of a problem: before the found text, and in all. */
const BEFORE = 40;
const EXCERPT = 200;

interface ChainItem extends PickItem {
  chainId: string;
}

/** Go to Chain: a quick pick over ids and the text of problems, which opens the reader. The query of the review queue stays. */
export async function goToChain(services: Services, what: unknown): Promise<void> {
  const ref = await services.datasets.resolve(what);
  const dataset = await services.datasets.open(ref);
  const chainId = await pickChain(dataset, await reviewer());
  if (chainId === undefined) return;
  const query = services.queries.of(ref);
  await vscode.commands.executeCommand('longhand.openReviewQueue', { ref, query, chainId });
}

function pickChain(dataset: Dataset, as: string): Promise<string | undefined> {
  const store = new DisposableStore();
  const pick = store.add(createQuickPick<ChainItem>());
  pick.title = t('Go to Chain');
  pick.placeholder = t('Id of a chain or problem, or text of a problem');
  let searching = new AbortController();
  const search = async (wait: number): Promise<void> => {
    searching.abort();
    searching = new AbortController();
    const { signal } = searching;
    pick.busy = true;
    await new Promise((resolve) => setTimeout(resolve, wait));
    const items = signal.aborted ? undefined : await chainItems(dataset, pick.value.trim(), as, signal);
    if (items === undefined || signal.aborted) return;
    pick.items = items;
    pick.busy = false;
  };
  return new Promise((resolve) => {
    store.add(pick.onDidChangeValue(() => void search(PAUSE_MS)));
    store.add(
      pick.onDidAccept(() => {
        resolve(pick.activeItems[0]?.chainId);
        pick.hide();
      }),
    );
    store.add(
      pick.onDidHide(() => {
        searching.abort();
        store.dispose();
        resolve(undefined);
      }),
    );
    void search(0);
    pick.show();
  });
}

/** Chains whose id or problem's id contains the text, then those whose problem does; undefined when aborted. */
async function chainItems(
  dataset: Dataset,
  text: string,
  as: string,
  signal: AbortSignal,
): Promise<ChainItem[] | undefined> {
  const typed = text.toLowerCase();
  const found = new Map<string, ChainEntry>();
  for (const chain of dataset.index.eachChain()) {
    const { id, problemId } = chain;
    if (id.toLowerCase().includes(typed) || problemId.toLowerCase().includes(typed)) found.set(id, chain);
    if (found.size >= MOST) break;
  }
  if (found.size < MOST && text !== '') {
    const query = [{ field: 'problem' as const, op: '~' as const, values: [text] }];
    const byText = await dataset.find(query, { as, signal }).catch(() => undefined);
    for (const chain of byText ?? []) found.set(chain.id, chain);
  }
  if (signal.aborted) return undefined;
  return Promise.all([...found.values()].slice(0, MOST).map((chain) => chainItem(dataset, chain, typed, as)));
}

async function chainItem(dataset: Dataset, chain: ChainEntry, typed: string, as: string): Promise<ChainItem> {
  const problem = await dataset.problem(chain.problemId).catch(() => undefined);
  const text = oneLine(problem?.problem ?? '', Number.MAX_SAFE_INTEGER);
  const at = Math.max(0, text.toLowerCase().indexOf(typed) - BEFORE);
  return {
    chainId: chain.id,
    label: chain.id,
    description: dataset.index.decision(chain.id, as),
    detail: oneLine(`${at > 0 ? '…' : ''}${text.slice(at)}`, EXCERPT),
    // The list has what matches: VS Code filters by other rules.
    alwaysShow: true,
  };
}
