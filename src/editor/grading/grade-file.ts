import { open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import type { GradingChoice } from '../../core/schemas/index.ts';
import { errorCode } from '../../store/lines/files.ts';
import { freeName } from '../../store/names.ts';
import { firstRows, openSource, RECOGNISE_ROWS } from '../../store/source/index.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { runSteps, type Step, type StepUi } from '../ui/steps.ts';
import { askPolicy } from './ask-policy.ts';
import { columnOffers, type GradedPart, gradedName, hasColumn } from './graded-columns.ts';
import { formatGraded, gradedSummary } from './grading-format.ts';

const ENDING = '.jsonl';

/** Grade File…: which JSONL file, which columns, by which policy; the graded rows go to a new file beside it. */
export async function gradeFile(services: Services, argument: unknown): Promise<void> {
  const file = argument instanceof vscode.Uri ? argument.fsPath : await askFile(t('Grade'));
  const rows = await rowsOf(file);
  const own = await policyAround(services, file);
  const name = await freeName(dirname(file), gradedName(file), ENDING);
  const keys = new ColumnSteps(rows);
  let policy: GradingChoice | undefined;
  const ask: Step = async (ui) => {
    const next = t('Grade by which policy? The graded rows are written to {0} next to the file.', name);
    const kept = t('Rows that name a policy are graded by that policy.');
    policy = await askPolicy(ui, own, hasColumn(rows, 'policy') ? `${next} ${kept}` : next);
    return undefined;
  };
  if (!(await runSteps(t('Grade {0}', basename(file)), keys.before(ask)))) return;
  await grade(services, { file, policy, ...keys.chosen });
}

/** @throws {CancellationError} when no file was chosen. */
export async function askFile(openLabel: string): Promise<string> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel,
    filters: { [t('Rows')]: ['jsonl', 'ndjson'], [t('All files')]: ['*'] },
  });
  const file = chosen?.[0];
  if (file === undefined) throw new vscode.CancellationError();
  return file.fsPath;
}

/** The first rows of a JSONL file. @throws {UserError `source`} for any other, and for one without rows. */
export async function rowsOf(file: string): Promise<unknown[]> {
  const source = await openSource(file);
  if (source.format !== 'jsonl') {
    throw new UserError(
      'source',
      t('Can’t grade {0}: it is {1}, not JSONL.', basename(file), source.format.toUpperCase()),
      t('Save it with one JSON object per line.'),
    );
  }
  const rows = await firstRows(source, RECOGNISE_ROWS);
  if (rows.length > 0) return rows;
  throw new UserError(
    'source',
    t('{0} has no readable rows.', basename(file)),
    t('Each line must be one JSON object.'),
  );
}

/** Asks for the columns of gold and prediction, where these are not called so. */
export class ColumnSteps {
  readonly chosen: Pick<VerbArgs<'grade'>, 'goldKey' | 'predictionKey'> = {
    goldKey: 'gold',
    predictionKey: 'prediction',
  };
  readonly #rows: readonly unknown[];

  constructor(rows: readonly unknown[]) {
    this.#rows = rows;
  }

  /** The first question that is needed; `next` follows the last. */
  before(next: Step): Step {
    const isThere = (part: GradedPart): boolean => hasColumn(this.#rows, part);
    const prediction: Step = async (ui) => {
      const taken = this.chosen.goldKey;
      this.chosen.predictionKey = await this.#ask(
        ui,
        'prediction',
        taken,
        t('Which column holds the answer to grade?'),
      );
      return next;
    };
    const afterGold = isThere('prediction') ? next : prediction;
    const gold: Step = async (ui) => {
      const taken = isThere('prediction') ? 'prediction' : undefined;
      this.chosen.goldKey = await this.#ask(ui, 'gold', taken, t('Which column holds the gold answer?'));
      return afterGold;
    };
    return isThere('gold') ? afterGold : gold;
  }

  #ask(ui: StepUi, part: GradedPart, taken: string | undefined, placeholder: string): Promise<string> {
    const { offers, likely } = columnOffers(this.#rows, part, taken);
    if (offers.length === 0) {
      throw new UserError(
        'source',
        t('No column with text or numbers can be the {0}.', part),
        t('Each row needs a gold answer and a prediction.'),
      );
    }
    return ui.pick({ placeholder, choices: offers, ...defined({ active: likely }) });
  }
}

/** The policy of the dataset that the file lies in. */
async function policyAround({ datasets }: Services, file: string): Promise<GradingChoice | undefined> {
  await datasets.ready();
  const ref = datasets.containing(vscode.Uri.file(file));
  return ref === undefined ? undefined : (await datasets.open(ref)).settings.grading;
}

async function grade({ verbs, documents }: Services, args: VerbArgs<'grade'>): Promise<void> {
  const { file } = args;
  const out = await reserve(file);
  const title = t('Grading {0} to {1}', basename(file), basename(out));
  const result = await verbs.run('grade', { ...args, out }, { title }).catch(async (error: unknown) => {
    // The empty file that kept the name, never rows.
    if ((await stat(out).catch(() => undefined))?.size === 0) await rm(out);
    throw error;
  });
  const text = formatGraded(result, basename(out), l10n);
  // A page that opened by itself would take the keyboard from whatever is done by now.
  const summary = t('Show Summary');
  const rows = t('Open Graded Rows');
  const isWhole = (result.outcomes.error ?? 0) === 0;
  const show = isWhole ? showInformationMessage : showWarningMessage;
  const answer = await show(text, summary, rows);
  if (answer === rows) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(out));
  if (answer !== summary) return;
  const page = gradedSummary(result, basename(file), basename(out), l10n);
  await documents.show(t('summary of {0}.md', basename(out)), page);
}

/** Takes a name beside the file by an empty file, so that no other grading, of this window or another, takes it too. */
async function reserve(file: string): Promise<string> {
  const folder = dirname(file);
  for (;;) {
    const path = join(folder, await freeName(folder, gradedName(file), ENDING));
    try {
      await (await open(path, 'wx')).close();
      return path;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      const reason = messageOf(error);
      throw new UserError(
        'source',
        t('Can’t create a file next to {0}: {1}.', basename(file), reason),
        t('Copy it to a folder where you can write, and grade it there.'),
      );
    }
  }
}
