import { join } from 'node:path';
import { RowFinding } from '../core/examine/finding.ts';
import { linesOf } from './lines/files.ts';

/** Folder of the last examination in a dataset; that of a file is beside it. */
export const EXAMINATION_FOLDER = 'examination';
export const REPORT_FILE = 'report.json';
export const REPORT_PAGE = 'report.md';
/** One line for each finding about a row. */
export const FINDINGS_FILE = 'findings.jsonl';

/** Where the examination of a file goes. */
export const examinationOf = (file: string): string => `${file}.${EXAMINATION_FOLDER}`;

/** The findings in a folder; none without an examination. */
export function readFindings(folder: string): AsyncGenerator<RowFinding> {
  return linesOf(join(folder, FINDINGS_FILE), RowFinding);
}
