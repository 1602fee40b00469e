import * as vscode from 'vscode';
import type { RoundStatus, RunnerState, SamplingProgress } from '../protocol/runner.ts';
import { formatCount, formatDuration, formatRate } from './format.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);

/** How far a round is, in a few words: `12 of 40 problems`. */
export function progressOf(runner: RunnerState): string {
  return vscode.l10n.t('{0} of {1} problems', count(runner.problemsDone), count(runner.problemsTotal));
}

/** Rate and time left, where known: `35 tok/s · 3 min left`. */
export function paceOf(runner: RunnerState): string {
  const parts = [
    ...(runner.tokensPerSecond > 0
      ? [vscode.l10n.t('{0} tok/s', formatRate(runner.tokensPerSecond, vscode.env.language))]
      : []),
    ...(runner.secondsLeft === undefined ? [] : [vscode.l10n.t('{0} left', formatDuration(runner.secondsLeft))]),
  ];
  return parts.join(' · ');
}

/** What a sampling round shows besides: `60 samples, 15 solved, 3 still tried`. */
export function samplesOf({ samples, solved, survivors }: SamplingProgress): string {
  return vscode.l10n.t('{0} samples, {1} solved, {2} still tried', count(samples), count(solved), count(survivors));
}

/** What came of a round: `12 chains, 9 passed`; of a sampling round `60 samples, 27 correct, 15 of 16 problems solved`. */
export function outcomeOf(status: RoundStatus): string {
  const { sampling, problemsTotal = 0 } = status.runner ?? {};
  if (sampling === undefined) return chainsOf(status);
  const { samples, correct, solved } = sampling;
  return vscode.l10n.t(
    '{0} samples, {1} correct, {2} of {3} problems solved',
    ...[samples, correct, solved, problemsTotal].map(count),
  );
}

/** Chains and how many passed: `12 chains, 9 passed`. */
export function chainsOf({ chains, chainsPassed }: { chains: number; chainsPassed: number }): string {
  if (chains === 0) return vscode.l10n.t('no chains');
  if (chains === 1) return vscode.l10n.t('1 chain, {0} passed', count(chainsPassed));
  return vscode.l10n.t('{0} chains, {1} passed', count(chains), count(chainsPassed));
}

/** What was paid: `480 calls (12 reused, 3 retries) · 96,210 tokens written`. */
export function callsOf(runner: RunnerState): string {
  const extra = [
    ...(runner.callsReused > 0 ? [vscode.l10n.t('{0} from the journal', count(runner.callsReused))] : []),
    ...(runner.retries > 0 ? [vscode.l10n.t('{0} retries', count(runner.retries))] : []),
  ];
  const calls = vscode.l10n.t('{0} calls', count(runner.calls));
  const tokens = vscode.l10n.t('{0} tokens written', count(runner.completionTokens));
  return `${extra.length === 0 ? calls : `${calls} (${extra.join(', ')})`} · ${tokens}`;
}

/** Chains by class, in the order of interest: `FT 4 · TT 6 · FF 1`. */
export function classesOf(byClass: Partial<Record<string, number>>): string {
  return ['FT', 'TT', 'TF', 'FF']
    .flatMap((name) => (byClass[name] ? [`${name} ${count(byClass[name])}`] : []))
    .join(' · ');
}

export function stateName(state: RoundStatus['state']): string {
  switch (state) {
    case 'planned':
      return vscode.l10n.t('planned');
    case 'running':
      return vscode.l10n.t('running');
    case 'interrupted':
      return vscode.l10n.t('interrupted');
    case 'cancelled':
      return vscode.l10n.t('cancelled');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'finished':
      return vscode.l10n.t('finished');
  }
}

/** How a round stands: `running · 3 of 20 problems · 147 tok/s`, `finished · 18 chains, 13 passed`. */
export function roundDescription(status: RoundStatus): string {
  const { state, runner } = status;
  const parts =
    state === 'finished' || runner === undefined
      ? [outcomeOf(status)]
      : [
          progressOf(runner),
          ...(runner.sampling ? [samplesOf(runner.sampling)] : []),
          ...(state === 'running' ? [paceOf(runner)] : []),
        ];
  return [stateName(state), ...parts].filter((part) => part !== '').join(' · ');
}

/** The same beside a round's name in the tree, where there is room for a few words: `13/18 passed`, `3/20 · 147 tok/s`. */
export function roundInBrief(status: RoundStatus): string {
  const { state, runner, chains, chainsPassed } = status;
  if (state === 'finished') {
    if (runner?.sampling) {
      return vscode.l10n.t('{0}/{1} solved', count(runner.sampling.solved), count(runner.problemsTotal));
    }
    return chains === 0 ? chainsOf(status) : vscode.l10n.t('{0}/{1} passed', count(chainsPassed), count(chains));
  }
  if (runner === undefined) return stateName(state);
  const done = `${count(runner.problemsDone)}/${count(runner.problemsTotal)}`;
  return [done, state === 'running' ? paceOf(runner) : stateName(state)].filter(Boolean).join(' · ');
}

/** The icon of a round: shape tells the state, colour only repeats it. */
export function roundIcon({ state, kind }: RoundStatus): vscode.ThemeIcon {
  const colour = (id: string) => new vscode.ThemeColor(id);
  switch (state) {
    case 'running':
      return new vscode.ThemeIcon('sync~spin');
    case 'interrupted':
      return new vscode.ThemeIcon('debug-pause', colour('list.warningForeground'));
    case 'failed':
      return new vscode.ThemeIcon('error', colour('list.errorForeground'));
    case 'cancelled':
      return new vscode.ThemeIcon('circle-slash');
    case 'planned':
      return new vscode.ThemeIcon('circle-outline');
    case 'finished':
      return new vscode.ThemeIcon(kind === 'handwritten' ? 'edit' : kind === 'imported' ? 'git-merge' : 'pass');
  }
}
