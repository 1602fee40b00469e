import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { columnsOf, ROW_EXTENSIONS, recogniseFile } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import type { Query } from '../../core/query/query.ts';
import type { FileMapping } from '../../core/schemas/index.ts';
import { type FromExaminePage, FromExaminePage as Schema, type ToExaminePage } from '../../protocol/examine-page.ts';
import { FINDINGS_FILE, REPORT_FILE, REPORT_PAGE } from '../../store/examination.ts';
import { SideFile } from '../../store/side-file.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { openTraceFile } from '../files/open-trace-file.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { runSteps, type Step } from '../ui/steps.ts';
import { WebviewPage } from '../ui/webview-page.ts';
import type { DatasetRef } from './find-datasets.ts';
import { previewOf } from './import-file.ts';
import { askTraceColumns } from './trace-columns.ts';

interface Source {
  /** Path of the file, or the folder of the dataset. */
  path: string;
  name: string;
  /** Absent for a file. */
  ref?: DatasetRef;
  /** Of a file whose columns are neither recognised nor chosen before. */
  mapping?: FileMapping;
}

/** Examine Data…: examines a dataset or a file, and shows the report as a page. An interrupted examination resumes. */
export async function examineData(services: Services, argument: unknown): Promise<void> {
  const source = await withColumns(services, await sourceOf(services, argument));
  let result = await examine(services, source);
  const send = (): void => page.post({ type: 'snapshot', inDataset: source.ref !== undefined, report: result.report });
  const page = new WebviewPage<FromExaminePage, ToExaminePage>({
    extension: services.context.extensionUri,
    bundle: 'examine',
    viewType: 'longhand.examine',
    title: t('Examination of {0}', source.name),
    schema: Schema,
    receive: async (message) => {
      if (message.type === 'again') result = await examine(services, source);
      if (message.type === 'ready' || message.type === 'again') return send();
      return open(services, message, source, result);
    },
    shown: send,
    fail: (error) => void services.reporter.error(error),
    log: (message) => services.reporter.log.info(message),
  });
}

function examine({ verbs }: Services, { path, name, mapping }: Source): Promise<VerbResult<'doctor'>> {
  const args = { source: path, failOn: 'never', ...defined({ mapping }) } as const;
  return verbs.run('doctor', args, { title: t('Examining {0}', name) });
}

/** Asks for the columns of a file that has neither traces nor problems as far as is recognised. @throws {CancellationError} when none are chosen. */
async function withColumns(services: Services, source: Source): Promise<Source> {
  const { ref, path, name } = source;
  if (ref !== undefined || (await SideFile.open(path)).columns !== undefined) return source;
  const { rows, mapping, traces } = await previewOf(services, path);
  if (mapping !== undefined || traces !== undefined || columnsOf(rows).length === 0) return source;
  const recognised = recogniseFile(rows);
  const found = await askTraceColumns<'use'>({
    title: t('Examine {0}', name),
    rows,
    mapping: 'reason' in recognised ? undefined : recognised,
    problemIsOptional: true,
    confirm: () => [
      {
        icon: 'check',
        label: t('Examine by These Columns'),
        detail: t('The file itself is not changed.'),
        value: 'use',
      },
    ],
  });
  if (found === undefined) throw new vscode.CancellationError();
  return { ...source, mapping: found.mapping };
}

/** @throws {CancellationError} when nothing was chosen. */
async function sourceOf({ datasets }: Services, argument: unknown): Promise<Source> {
  if (argument instanceof vscode.Uri) return fileSource(argument);
  await datasets.ready();
  if (argument !== undefined || datasets.all.length === 0) {
    return datasets.all.length === 0 ? askFile() : datasetSource(await datasets.resolve(argument));
  }
  const ref = await datasets.resolve();
  let chosen: 'dataset' | 'file' | undefined;
  const ask: Step = async (ui) => {
    chosen = await ui.pick<'dataset' | 'file'>({
      placeholder: t('What do you want to examine?'),
      choices: [
        {
          icon: 'database',
          label: ref.name,
          description: t('all chains and problems of the dataset'),
          value: 'dataset',
        },
        { icon: 'folder-opened', label: t('A file…'), description: ROW_EXTENSIONS.join(', '), value: 'file' },
      ],
    });
    return undefined;
  };
  if (!(await runSteps(t('Examine Data'), ask))) throw new vscode.CancellationError();
  return chosen === 'dataset' ? datasetSource(ref) : askFile();
}

async function askFile(): Promise<Source> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel: t('Examine'),
    filters: { [t('Rows')]: [...ROW_EXTENSIONS], [t('All files')]: ['*'] },
  });
  const file = chosen?.[0];
  if (file === undefined) throw new vscode.CancellationError();
  return fileSource(file);
}

const fileSource = ({ fsPath }: vscode.Uri): Source => ({ path: fsPath, name: basename(fsPath) });
const datasetSource = (ref: DatasetRef): Source => ({ path: ref.folder, name: ref.name, ref });

const FILES = { markdown: REPORT_PAGE, json: REPORT_FILE, findings: FINDINGS_FILE } as const;

type Opening = Extract<FromExaminePage, { type: 'rows' | 'row' | 'file' }>;

async function open(
  services: Services,
  message: Opening,
  { path, ref }: Source,
  { folder }: VerbResult<'doctor'>,
): Promise<void> {
  if (message.type === 'file') return show(join(folder, FILES[message.what]));
  const query: Query = [{ field: 'finding', op: '=', values: [message.finding] }];
  if (ref === undefined) {
    if (message.type === 'row') return showRow(path, message.line);
    const { showFound } = await import('../files/show-table.ts');
    return (await showFound(services, vscode.Uri.file(path), query)) ? undefined : show(join(folder, FINDINGS_FILE));
  }
  if (message.type === 'rows') return vscode.commands.executeCommand('longhand.openChains', { ref, query });
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  // A problem without a chain is not in the queue.
  if (dataset.index.chain(message.id) === undefined) return show(join(folder, FINDINGS_FILE));
  await vscode.commands.executeCommand('longhand.openReviewQueue', { ref, query, chainId: message.id });
}

/** Larger files never reach extensions as text documents. */
const LARGEST_TEXT = 50_000_000;

/** The line of a file of lines as text; any other file in the reader of trace files. */
async function showRow(path: string, line: number | undefined): Promise<void> {
  const isText = /\.(?:jsonl|ndjson)$/i.test(path) && (await stat(path)).size <= LARGEST_TEXT;
  if (isText) return show(path, line);
  await openTraceFile(vscode.Uri.file(path), line === undefined ? undefined : { line });
}

async function show(path: string, line?: number): Promise<void> {
  const at = line === undefined ? undefined : new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path), at === undefined ? {} : { selection: at });
}
