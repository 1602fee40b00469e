import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fileOfSet } from '../../core/export/index.ts';
import { formatWarnings, WarningCounts } from '../../core/export/warnings.ts';
import type { TrainingSettings } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { type RowTokens, summariseLengths } from '../../core/training/lengths.ts';
import { ROW_FORMS } from '../../core/training/rows.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import { readJson } from '../../store/lines/files.ts';
import { exists } from '../../system/regular-file.ts';
import type { TrainingExport } from '../export-rows.ts';
import type { BaseModel } from '../model.ts';
import type { PythonInfo } from '../python.ts';

/** The rows; `estimated` by the bytes of their texts, when no tokenizer can count. */
export interface RowsLookedAt {
  base: BaseModel;
  settings: Pick<TrainingSettings, 'maxLength'>;
  rows: { estimated: readonly RowTokens[] };
}

/** Adds checks about truncated and empty rows. @param info undefined when no interpreter answered */
export function rowChecks(
  { base, settings, rows }: RowsLookedAt,
  info: Pick<PythonInfo, 'problem' | 'lengths'> | undefined,
  checks: PreflightCheck[],
): void {
  if (info?.problem !== undefined) {
    const advice = 'Choose a folder with config.json, safetensors and a fast tokenizer.';
    checks.push({ id: 'model', state: 'error', message: `Can’t read the model: ${info.problem}`, advice });
    return;
  }
  if (info && info.lengths === undefined) {
    const message = `Lengths are estimated from the texts${base.kind === 'hub' ? ', because the model is not on this machine yet' : ''}.`;
    checks.push({ id: 'lengths', state: 'warning', message, advice: 'Set a max length with some margin.' });
  }
  const exact = info?.lengths !== undefined;
  lengthChecks(info?.lengths ?? rows.estimated, exact, settings.maxLength, checks);
}

function lengthChecks(
  rows: readonly RowTokens[],
  exact: boolean,
  limit: number | undefined,
  checks: PreflightCheck[],
): void {
  const { cut, empty, emptied, longest } = summariseLengths(rows, exact, limit);
  const about = exact ? '' : 'about ';
  if (cut > 0) {
    const message = `${about}${formatCount(cut)} of ${plural(rows.length, 'row')} longer than ${plural(limit ?? 0, 'token')}: truncated, without the final answer.`;
    const advice = `Rows have up to ${about}${plural(longest, 'token')}.`;
    checks.push({ id: 'lengths', state: 'warning', message: capital(message), advice });
  }
  if (empty + emptied === rows.length && rows.length > 0) {
    const advice =
      emptied > 0 ? `Raise --max-length: rows have up to ${about}${plural(longest, 'token')}.` : 'Check the loss mask.';
    const message =
      emptied > 0
        ? `No row has a trained token: all are truncated at ${plural(limit ?? 0, 'token')}.`
        : 'No row has a trained token.';
    // An estimate is only a warning.
    checks.push({
      id: 'rows',
      state: exact ? 'error' : 'warning',
      message,
      advice,
    });
    return;
  }
  if (empty > 0) {
    const message = `${plural(empty, 'row has no trained token and is', 'rows have no trained token and are')} filtered out.`;
    checks.push({ id: 'rows', state: 'warning', message });
  }
  if (emptied > 0) {
    const message = `${about}${plural(emptied, 'row')} without a trained token after truncation at ${plural(limit ?? 0, 'token')}: filtered out.`;
    checks.push({ id: 'rows', state: 'warning', message: capital(message), advice: 'Raise --max-length.' });
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const ModelConfig = z.object({ max_position_embeddings: z.number().int().positive().optional() });

/**
 * The warning about rows longer than the model's context, which its positions end at; undefined without any.
 * @param lengths Tokens of the rows. @param model Its folder. @param about Before the number, such as `about `.
 */
export async function contextWarning(
  lengths: readonly number[],
  model: string,
  about = '',
): Promise<{ message: string; advice: string } | undefined> {
  const limit = (await readJson(join(model, 'config.json'), ModelConfig))?.max_position_embeddings;
  if (limit === undefined) return undefined;
  const longer = lengths.filter((tokens) => tokens > limit).length;
  if (longer === 0) return undefined;
  const rows = plural(longer, 'row is', 'rows are');
  return {
    message: capital(`${about}${rows} longer than the context of the model, ${plural(limit, 'token')}.`),
    advice: `Export without them (--where 'tokens < ${limit}'), or truncate them with --max-length ${limit}.`,
  };
}

const Counted = z.object({ counts: z.object({ warnings: WarningCounts }) });
const Prefixed = z.object({
  counts: z.object({ chains: z.number(), prefixRows: z.number(), apart: z.number().optional() }),
});

/**
 * What a trainer that masks whole messages can't keep of an export: chains with masked text after trained text, thoughts without an end, and thoughts
 * that its own template could remove.
 */
async function prefixChecks({ name, path, rows }: TrainingExport): Promise<PreflightCheck[]> {
  if (rows !== ROW_FORMS.prefix) return [];
  const { counts } = (await readJson(join(dirname(path), 'manifest.json'), Prefixed)) ?? {};
  if (counts === undefined) return [];
  const checks: PreflightCheck[] = [];
  const missing = counts.chains - counts.prefixRows;
  if (missing > 0) {
    const message = `${formatCount(missing)} of ${plural(counts.chains, 'chain')} of “${name}” have masked text after trained text, or a thought without an end. The trainer can’t train them: filtered out.`;
    const advice = 'Train with a trainer that masks exactly, or a model on this machine.';
    checks.push({ id: 'rows', state: 'warning', message, advice });
  }
  if (counts.apart !== undefined) {
    const message = `${plural(counts.apart, 'chain has', 'chains have')} the reasoning in <think> tags as text. The trainer’s own template may change or remove it.`;
    const advice = 'Use a template of the trainer that keeps thinking tags, or a model on this machine.';
    checks.push({ id: 'template', state: 'warning', message, advice });
  }
  return checks;
}

/** @param used Number of rows for validation that the training uses. */
async function validationChecks({ name, path, rows }: TrainingExport, used = 0): Promise<PreflightCheck[]> {
  if (used > 0) {
    const message = `${plural(used, 'row')} of “${name}” for validation: the loss on them is computed after each epoch.`;
    return [{ id: 'rows', state: 'ok', message }];
  }
  const file = fileOfSet('validation', rows);
  if (!(await exists(join(dirname(path), file)))) return [];
  const message = `The rows for validation of “${name}” (${file}) are not used: the training has no loss on them.`;
  return [{ id: 'rows', state: 'warning', message, advice: 'Evaluate the trained model on problems of its own.' }];
}

/** Warnings in an export's manifest, and what of its rows is lost, as checks; none in manifests of older versions. @param validation as `used` of validationChecks */
export async function exportChecks(source: TrainingExport, validation?: number): Promise<PreflightCheck[]> {
  const { name, path } = source;
  const manifest = await readJson(join(dirname(path), 'manifest.json'), Counted);
  const warnings = manifest === undefined ? [] : formatWarnings(manifest.counts.warnings);
  const lost = [...(await prefixChecks(source)), ...(await validationChecks(source, validation))];
  if (warnings.length === 0) return lost;
  const message = `The export “${name}” has chains that may not belong in a training set: ${warnings.join(', ')}.`;
  return [
    { id: 'rows', state: 'warning', message, advice: 'Reject them in the review queue and export again.' },
    ...lost,
  ];
}
