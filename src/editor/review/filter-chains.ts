import * as vscode from 'vscode';
import { messageWithAdvice } from '../../core/errors.ts';
import { parseQuery, QueryError } from '../../core/query/parse.ts';
import { formatQuery, type Query } from '../../core/query/query.ts';
import type { Dataset } from '../../store/index.ts';
import { DisposableStore } from '../dispose.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { createInputBox } from '../ui/quick-input.ts';
import { reviewer } from './reviewer.ts';

/** After this pause in typing, chains are counted. */
const PAUSE_MS = 150;

/** Filter Chains: a query for the review queue, with the number of chains that match while it is typed. */
export async function filterChains(services: Services, what: unknown): Promise<void> {
  const ref = await services.datasets.resolve(what);
  const dataset = await services.datasets.open(ref);
  const query = await askQuery(t('Filter Chains'), dataset, services.queries.of(ref), await reviewer());
  if (query !== undefined) await vscode.commands.executeCommand('longhand.openReviewQueue', { ref, query });
}

/**
 * A query that was accepted, with the number of chains that match while it is typed; undefined after Escape.
 * @param as Whose decisions apply; those of all reviewers together when absent.
 */
export function askQuery(title: string, dataset: Dataset, before: Query, as?: string): Promise<Query | undefined> {
  const store = new DisposableStore();
  const box = store.add(createInputBox());
  box.title = title;
  box.placeholder = t('failed = repetition and level = 5 and tokens > 4000 and chain ~ "wait"');
  box.value = before.length === 0 ? '' : `${formatQuery(before)} `;
  let counting = new AbortController();
  const show = async (wait: number): Promise<void> => {
    counting.abort();
    counting = new AbortController();
    const { signal } = counting;
    const message = await describe(dataset, box.value, as, wait, signal);
    if (!signal.aborted) box.validationMessage = message;
  };
  return new Promise((resolve) => {
    store.add(box.onDidChangeValue(() => void show(PAUSE_MS)));
    store.add(
      box.onDidAccept(() => {
        const query = readQuery(box.value);
        if (query instanceof QueryError) return;
        resolve(query);
        box.hide();
      }),
    );
    store.add(
      box.onDidHide(() => {
        counting.abort();
        store.dispose();
        resolve(undefined);
      }),
    );
    void show(0);
    box.show();
  });
}

function readQuery(text: string): Query | QueryError {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
}

/** What is wrong with the query, or how many chains match it. */
async function describe(
  dataset: Dataset,
  text: string,
  as: string | undefined,
  wait: number,
  signal: AbortSignal,
): Promise<vscode.InputBoxValidationMessage> {
  const { Info, Error: Wrong } = vscode.InputBoxValidationSeverity;
  const query = readQuery(text);
  if (query instanceof QueryError) return { message: messageWithAdvice(query), severity: Wrong };
  await new Promise((resolve) => setTimeout(resolve, wait));
  if (signal.aborted) return { message: '', severity: Info };
  try {
    const found = (await dataset.find(query, { as, signal })).length;
    const all = dataset.index.chainCount;
    return {
      message: counted(all, '{1} of {0} chain matches.', '{1} of {0} chains match.', count(found)),
      severity: Info,
    };
  } catch (error) {
    return { message: messageWithAdvice(error), severity: Wrong };
  }
}
