import type { ExportForm } from './form.ts';
import { kto } from './kto.ts';
import { sft } from './sft.ts';

export type { ChainForm, ExportForm, FormFile } from './form.ts';
export { chainLabel } from './label.ts';
export { ROW_FILES } from './sft.ts';

/** Values of `--form`, the default first. */
export const FORM_IDS = ['sft', 'kto'] as const;
export type FormId = (typeof FORM_IDS)[number];

/** What can be exported, by id. */
export const EXPORT_FORMS: Readonly<Record<FormId, ExportForm>> = { sft, kto };

/** Names of all files of rows that an export may have. */
export const FORM_FILES: readonly string[] = Object.values(EXPORT_FORMS).flatMap(({ files }) =>
  files.map(({ name }) => name),
);
