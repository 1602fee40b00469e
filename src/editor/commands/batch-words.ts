import * as vscode from 'vscode';
import { commandInWords } from '../../core/text/command-words.ts';
import type { BatchOptions } from '../../protocol/sampling.ts';

export type How = NonNullable<BatchOptions['how']>;

/** By what a cluster asks the model. */
export function howWords(how: How): string {
  switch (how) {
    case 'tasks':
      return vscode.l10n.t('Ray tasks ask an endpoint');
    case 'http':
      return vscode.l10n.t('ray.data.llm asks an endpoint');
    case 'vllm':
      return vscode.l10n.t('vLLM on the GPUs of the cluster');
  }
}

/** How the requests of a round are asked there, in one line. */
export function batchInWords({ how = 'tasks', url, model, shards = 1, tensorParallel, python }: BatchOptions): string {
  const processes = how === 'vllm' ? vscode.l10n.t('{0} replicas', shards) : vscode.l10n.t('{0} processes', shards);
  return [
    howWords(how),
    url ?? '',
    model ?? '',
    shards === 1 ? '' : processes,
    tensorParallel === undefined ? '' : vscode.l10n.t('{0} GPUs each', tensorParallel),
    python === undefined ? '' : commandInWords(python),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
