import * as vscode from 'vscode';
import { adviceText, lossesText, mainLoss, shortFunnelLine, stageName } from '../../core/dataset/funnel/format.ts';
import { defined, joined } from '../../core/defined.ts';
import { formatCalls } from '../../core/text/calls.ts';
import { formatDuration, formatRate } from '../../core/text/format.ts';
import type { RoundStatus, RunnerState } from '../../protocol/runner.ts';
import { formatSamplingProgress } from '../../verbs/sampling/print.ts';
import { count, counted, l10n, t } from '../ui/format.ts';

/** The progress of a round: `12 of 40 problems`. */
export function progressOf(runner: RunnerState): string {
  return t('{0} of {1}', count(runner.problemsDone), counted(runner.problemsTotal, '{0} problem', '{0} problems'));
}

/** Rate and, while the round runs, time left, if known: `35 tok/s · 3 min left`. */
export function paceOf({ state, runner }: Pick<RoundStatus, 'state' | 'runner'>): string {
  if (runner === undefined) return '';
  const { secondsLeft } = runner;
  const parts = [
    ...(runner.tokensPerSecond > 0 ? [t('{0} tok/s', formatRate(runner.tokensPerSecond, vscode.env.language))] : []),
    ...(secondsLeft === undefined || state !== 'running' ? [] : [t('{0} left', formatDuration(secondsLeft))]),
  ];
  return parts.join(' · ');
}

/** The result of a round: `12 chains, 9 passed`; of a sampling round `60 samples, 27 correct, 15 of 16 problems solved`. */
export function outcomeOf(status: RoundStatus): string {
  const { sampling, problemsTotal = 0 } = status.runner ?? {};
  if (sampling === undefined) return chainsOf(status);
  const { samples, correct, solved } = sampling;
  return t(
    '{0}, {1} correct, {2} of {3} solved',
    counted(samples, '{0} sample', '{0} samples'),
    count(correct),
    count(solved),
    counted(problemsTotal, '{0} problem', '{0} problems'),
  );
}

/** Chains and how many passed: `12 chains, 9 passed`. */
export function chainsOf({ chains, chainsPassed }: { chains: number; chainsPassed: number }): string {
  if (chains === 0) return t('no chains');
  const all = counted(chains, '{0} chain', '{0} chains');
  return t('{0}, {1} passed', all, count(chainsPassed));
}

/** Whether a round with a funnel kept no chains. */
export function isEmptyYield({ funnel }: RoundStatus): boolean {
  return funnel?.stages.at(-1)?.count === 0;
}

/** The yield of a round for a notification: its short funnel; without kept chains also the main loss and the setting to change. */
export function yieldText(status: RoundStatus): string {
  const { funnel } = status;
  if (funnel === undefined) return '';
  const why = funnel.advice && isEmptyYield(status) ? [mainLoss(funnel, l10n), adviceText(funnel.advice, l10n)] : [];
  return joined(' ', `${shortFunnelLine(funnel, l10n)}.`, ...why);
}

/** The funnel of a round, one item per stage: its name, its count, and the losses since the previous stage. */
export function funnelItems({ funnel }: RoundStatus): { label: string; description: string; detail?: string }[] {
  if (funnel === undefined) return [];
  return funnel.stages.map((stage) => {
    const detail = lossesText(stage, funnel, l10n) || undefined;
    return { label: stageName(stage.stage, l10n), description: count(stage.count), ...defined({ detail }) };
  });
}

/** Calls and tokens: `480 calls (12 from the journal, 3 retries) · 96,210 tokens written`. */
export function callsOf({ callsReused, completionTokens, ...runner }: RunnerState): string {
  const tokens = counted(completionTokens, '{0} token written', '{0} tokens written');
  return `${formatCalls({ ...runner, reused: callsReused }, l10n)} · ${tokens}`;
}

/** The facts of Show Round: chains and problems of the whole round, then calls and rate of its last process. */
export function roundFacts(status: RoundStatus): { label: string; description: string }[] {
  const { runner, state } = status;
  const fact = (label: string, description: string): { label: string; description: string }[] =>
    description === '' ? [] : [{ label, description }];
  const chains = status.chains > 0 ? fact(t('Chains'), chainsOf(status)) : [];
  if (runner === undefined) return chains;
  const run = joined(' · ', callsOf(runner), paceOf(status));
  return [
    ...chains,
    ...fact(t('Problems'), progressOf(runner)),
    ...fact(t('Classes'), classesOf(runner.byClass)),
    ...fact(state === 'running' ? t('This run') : t('Last run'), run),
    ...fact(t('Message'), runner.message ?? ''),
  ];
}

/** Chains by class, in the order of interest: `FT 4 · TT 6 · FF 1`. */
function classesOf(byClass: Partial<Record<string, number>>): string {
  return ['FT', 'TT', 'TF', 'FF']
    .flatMap((name) => (byClass[name] ? [`${name} ${count(byClass[name])}`] : []))
    .join(' · ');
}

/** The status of a round: `running · 3 of 20 problems · 147 tok/s`, `finished · 18 chains, 13 passed`. */
export function roundDescription(status: RoundStatus): string {
  const { state, runner } = status;
  const parts =
    state === 'finished' || runner === undefined
      ? [outcomeOf(status)]
      : [
          progressOf(runner),
          ...(runner.sampling ? [formatSamplingProgress(runner.sampling, l10n)] : []),
          ...(state === 'running' ? [runner.message ?? '', paceOf(status)] : []),
        ];
  return joined(' · ', t(state), ...parts);
}

/** The short status of a round in the tree: `13/18 passed`, `3/20 · 147 tok/s`. */
export function roundInBrief(status: RoundStatus): string {
  const { state, runner, chains, chainsPassed } = status;
  if (state === 'finished') {
    if (runner?.sampling) {
      return t('{0}/{1} solved', count(runner.sampling.solved), count(runner.problemsTotal));
    }
    return chains === 0 ? chainsOf(status) : t('{0}/{1} passed', count(chainsPassed), count(chains));
  }
  if (runner === undefined) return t(state);
  const done = `${count(runner.problemsDone)}/${count(runner.problemsTotal)}`;
  return [done, state === 'running' ? paceOf(status) : t(state)].filter(Boolean).join(' · ');
}

const FINISHED_ICONS: Readonly<Record<RoundStatus['kind'], string>> = {
  dialogue: 'pass',
  sampling: 'pass',
  handwritten: 'edit',
  imported: 'git-merge',
  continued: 'debug-continue',
  repair: 'tools',
};

/** The icon of a round. Its shape shows the state, its colour only repeats it. */
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
      return new vscode.ThemeIcon(FINISHED_ICONS[kind]);
  }
}
