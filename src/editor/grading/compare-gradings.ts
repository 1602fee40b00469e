import { basename } from 'node:path';
import * as vscode from 'vscode';
import { formatCount } from '../../core/text/format.ts';
import { code } from '../../core/text/markdown.ts';
import { listGradings, type StoredGrading } from '../../store/gradings.ts';
import type { Dataset } from '../../store/index.ts';
import { comparisonText } from '../../verbs/grading/print.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import type { Services } from '../services.ts';
import { count, l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { withNotification } from '../verbs.ts';
import { withTexts } from './flips.ts';
import { askFile, ColumnSteps, rowsOf } from './grade-file.ts';
import { formatComparison, gradingOffer, offeredGradings } from './grading-format.ts';

type Compared = VerbResult<'compare-gradings'>;

/** Flips that the page lists with their texts. */
const LISTED = 1000;

interface Sides extends Pick<VerbArgs<'compare-gradings'>, 'a' | 'b' | 'goldKey' | 'predictionKey'> {
  /** The rounds with the texts of the answers; files have their own. */
  texts?: { ref: DatasetRef; rounds: readonly string[] };
}
/** An answer of the first question. */
type First = StoredGrading | 'files' | 'regrade';

/** Compare Gradings…: shows the flips between two gradings of the dataset or two graded files, on request as a page. */
export async function compareGradings(services: Services, argument: unknown): Promise<void> {
  const { datasets } = services;
  await datasets.ready();
  const ref = datasets.all.length === 0 ? undefined : await datasets.resolve(argument);
  const sides = ref === undefined ? await askFiles() : await askSides(ref);
  if (sides === 'regrade') await (await import('./regrade.ts')).regradeDataset(services, { ref });
  else if (sides !== undefined) await compare(services, sides);
}

/** Gradings can't be compared with files: their rows have other ids. */
async function askSides(ref: DatasetRef): Promise<Sides | 'regrade' | undefined> {
  const stored = await listGradings(ref.folder);
  const answer: { first: First; second: StoredGrading | undefined } = { first: 'files', second: undefined };
  const askSecond: Step = async (ui) => {
    const placeholder = t('Which grading is B, the later one?');
    const choices = gradingChoices(stored.filter((one) => one !== answer.first));
    answer.second = await ui.pick({ placeholder, choices });
    return undefined;
  };
  const askFirst: Step = async (ui) => {
    const placeholder = t('Which grading is A, the earlier one?');
    answer.first = await ui.pick<First>({ placeholder, choices: firstChoices(stored) });
    return typeof answer.first === 'string' ? undefined : askSecond;
  };
  if (!(await runSteps(t('Compare Gradings'), askFirst))) return undefined;
  const { first, second } = answer;
  if (first === 'files') return askFiles();
  if (first === 'regrade') return 'regrade';
  if (second === undefined) return undefined;
  const rounds = [...new Set([...first.info.rounds, ...second.info.rounds])];
  const sides = { a: first.folder, b: second.folder, goldKey: 'gold', predictionKey: 'prediction' };
  return { ...sides, texts: { ref, rounds } };
}

function firstChoices(stored: readonly StoredGrading[]): (Choice<First> | PickItem)[] {
  const files: Choice<First> = {
    icon: 'file',
    label: t('Two files…'),
    description: t('written by Grade File or longhand grade'),
    value: 'files',
  };
  if (stored.length >= 2) return [...gradingChoices(stored), separator(''), files];
  const regrade: Choice<First> = {
    icon: 'sync',
    label: t('Regrade Answers…'),
    description: t('requires two gradings, the dataset has {0}', count(stored.length)),
    value: 'regrade',
  };
  return [files, regrade];
}

function gradingChoices(stored: readonly StoredGrading[]): (Choice<StoredGrading> | PickItem)[] {
  const choice = (one: StoredGrading): Choice<StoredGrading> => ({
    ...gradingOffer(one, basename(one.folder), l10n),
    value: one,
  });
  const { ofRounds, ofChains } = offeredGradings(stored);
  const single = ofChains.length === 0 ? [] : [separator(t('Single chains')), ...ofChains.map(choice)];
  return [...ofRounds.map(choice), ...single];
}

async function askFiles(): Promise<Sides | undefined> {
  const a = await askFile(t('Compare This One (A)'));
  const keys = new ColumnSteps(await rowsOf(a));
  const b = await askFile(t('With This One (B)'));
  await rowsOf(b);
  const last: Step = async () => undefined;
  if (!(await runSteps(t('Compare Gradings'), keys.before(last)))) return undefined;
  return { a, b, ...keys.chosen };
}

async function compare({ verbs, datasets, documents }: Services, { texts, ...sides }: Sides): Promise<void> {
  const name = `${basename(sides.a)} ${t('and')} ${basename(sides.b)}`;
  const title = t('Comparing {0}', name);
  const result = await verbs.run('compare-gradings', { ...sides, limit: LISTED }, { title });
  const full = texts === undefined ? result : await withAnswers(await datasets.open(texts.ref), result, texts.rounds);
  const show = t('Show Comparison');
  const answer = await showInformationMessage(formatComparison(full, name, l10n), show);
  if (answer === show) await documents.show(`${name}.md`, pageOf(full));
}

function withAnswers(dataset: Dataset, result: Compared, rounds: readonly string[]): Promise<Compared> {
  const title = t('Reading the texts of the answers');
  return withNotification(title, (signal) => withTexts(dataset, result, rounds, signal));
}

function pageOf(result: Compared): string {
  const [a, b] = [result.a, result.b].map((path) => vscode.workspace.asRelativePath(path));
  return comparisonText(
    { ...result, a: a ?? '', b: b ?? '' },
    {
      title: 'Two gradings',
      unlisted: (count) =>
        `… and ${formatCount(count)} more. To list more, run ${code('longhand compare-gradings --limit')}.`,
    },
  );
}
