import { join } from 'node:path';
import { z } from 'zod';
import type { TrainingSettings } from '../core/model/index.ts';
import { type RowTokens, summariseLengths } from '../core/training/lengths.ts';
import type { PreflightCheck } from '../protocol/training.ts';
import { readJson } from '../store/files.ts';
import type { BaseModel } from './model.ts';
import type { PythonSays } from './python.ts';

/** What is looked at; `estimated` are the rows by the bytes of their texts, where no tokenizer can count. */
export interface RowsLookedAt {
  base: BaseModel;
  settings: Pick<TrainingSettings, 'maxLength'>;
  rows: { estimated: readonly RowTokens[] };
}

/** What of the rows would be cut or not be trained at all, as checks that are added to `checks`. @param says undefined where no interpreter answered. */
export function rowChecks(
  { base, settings, rows }: RowsLookedAt,
  says: Pick<PythonSays, 'problem' | 'lengths'> | undefined,
  checks: PreflightCheck[],
): void {
  if (says?.problem !== undefined) {
    const advice = 'Name a folder that holds config.json, safetensors and a fast tokenizer.';
    checks.push({ id: 'model', state: 'error', message: `The model can’t be read: ${says.problem}`, advice });
    return;
  }
  if (says && says.lengths === undefined) {
    const message = `Lengths are estimated from the texts${base.kind === 'hub' ? ', since the model is not here yet' : ''}.`;
    checks.push({ id: 'lengths', state: 'warning', message, advice: 'Leave room in the maximum length.' });
  }
  const exact = says?.lengths !== undefined;
  lengthChecks(says?.lengths ?? rows.estimated, exact, settings.maxLength, checks);
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
    const message = `${about}${cut} of ${rows.length} rows are longer than ${limit} tokens and lose their end, and with it their final answer.`;
    const advice = `The longest row has ${about}${longest} tokens.`;
    checks.push({ id: 'lengths', state: 'warning', message: capital(message), advice });
  }
  if (empty + emptied === rows.length && rows.length > 0) {
    const advice =
      emptied > 0 ? `Raise --max-length: the longest row has ${about}${longest} tokens.` : 'Look at the mask.';
    const message =
      emptied > 0
        ? `After the cut at ${limit} tokens no row has anything that is trained.`
        : 'No row has anything that is trained.';
    // An estimate refuses nothing.
    checks.push({
      id: 'rows',
      state: exact ? 'error' : 'warning',
      message,
      advice,
    });
    return;
  }
  if (empty > 0) {
    const message = `${empty} rows have nothing that is trained and are left out.`;
    checks.push({ id: 'rows', state: 'warning', message });
  }
  if (emptied > 0) {
    const message = `${about}${emptied} rows have no trained token left after the cut at ${limit} tokens and are left out.`;
    checks.push({ id: 'rows', state: 'warning', message: capital(message), advice: 'Raise --max-length.' });
  }
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const ModelConfig = z.object({ max_position_embeddings: z.number().int().positive().optional() });

/** A model is not made for rows that are longer than its context, be they ever so whole. */
export async function fitsContext(
  tokens: readonly RowTokens[],
  model: string,
  checks: PreflightCheck[],
): Promise<void> {
  const limit = (await readJson(join(model, 'config.json'), ModelConfig))?.max_position_embeddings;
  if (limit === undefined) return;
  const longer = tokens.filter((row) => row.tokens > limit).length;
  if (longer === 0) return;
  const message = `${longer} rows are longer than the ${limit} tokens that the model was made for.`;
  const advice = `Leave them out, or cut them with --max-length ${limit}.`;
  checks.push({ id: 'lengths', state: 'warning', message, advice });
}
