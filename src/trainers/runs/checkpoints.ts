import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import type { ProgressLine } from '../../core/schemas/index.ts';
import type { RunCheckpoint } from '../../protocol/training.ts';
import { errorCode, readdirIfExists, readJson } from '../../store/lines/files.ts';
import { OUT_FOLDER } from '../../store/runs.ts';
import { FileKindError, openRegular } from '../../system/regular-file.ts';

const State = z.object({ global_step: z.number().int().nonnegative() });
const Index = z.object({ weight_map: z.record(z.string(), z.string()) });
const Header = z.record(z.string(), z.object({ data_offsets: z.tuple([z.number(), z.number()]).optional() }).loose());
/** Longest header of a safetensors file. */
const LARGEST_HEADER = 100e6;

/** Checkpoints of a run in transformers' format, `out/checkpoint-N`, by step. `lines`: progress of the trainer. */
export async function checkpointsOf(folder: string, lines: readonly ProgressLine[]): Promise<RunCheckpoint[]> {
  const found: RunCheckpoint[] = [];
  for (const name of await readdirIfExists(join(folder, OUT_FOLDER))) {
    const step = /^checkpoint-(\d{1,9})$/.exec(name)?.[1];
    if (step === undefined) continue;
    const logged = lines.findLast(
      (line) => line.loss !== undefined && (line.step ?? Number.POSITIVE_INFINITY) <= Number(step),
    );
    found.push({
      path: `${OUT_FOLDER}/${name}`,
      step: Number(step),
      whole: await isWhole(join(folder, OUT_FOLDER, name), Number(step)),
      ...defined({ loss: logged?.loss }),
    });
  }
  return found.sort((a, b) => a.step - b.step);
}

/**
 * Whether a checkpoint is complete. Files are written one by one, the trainer's state last, so a killed process leaves a missing or torn state, or
 * truncated weights.
 */
export async function isWhole(folder: string, step: number): Promise<boolean> {
  try {
    return await hasAll(folder, step);
  } catch (error) {
    // The trainer deletes old checkpoints at any time.
    if (errorCode(error) === 'ENOENT' || error instanceof FileKindError) return false;
    throw error;
  }
}

async function hasAll(folder: string, step: number): Promise<boolean> {
  const state = await readJson(join(folder, 'trainer_state.json'), State);
  if (state?.global_step !== step) return false;
  const names = await readdirIfExists(folder);
  const index = names.find((name) => name.endsWith('.safetensors.index.json'));
  const shards = index === undefined ? [] : await shardsOf(join(folder, index));
  if (shards === undefined || shards.some((name) => !names.includes(name))) return false;
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  if (weights.length === 0 && !names.some((name) => /^pytorch_model.*\.bin$/.test(name))) return false;
  for (const name of weights) if (!(await isWholeSafetensors(join(folder, name)))) return false;
  // Sharded optimisers have their own folders, which only their framework can check.
  for (const name of names.filter((one) => /\.(?:pt|pth|bin)$/.test(one))) {
    if (!(await isWholeZip(join(folder, name)))) return false;
  }
  return true;
}

async function shardsOf(path: string): Promise<string[] | undefined> {
  const index = await readJson(path, Index);
  return index && [...new Set(Object.values(index.weight_map))];
}

/** The header gives the end of the last tensor, which must be the end of the file. */
async function isWholeSafetensors(path: string): Promise<boolean> {
  const { size } = await stat(path);
  const file = await openRegular(path);
  try {
    const length = Buffer.alloc(8);
    if ((await file.read(length, 0, 8, 0)).bytesRead < 8) return false;
    const bytes = Number(length.readBigUInt64LE());
    if (bytes > LARGEST_HEADER || 8 + bytes > size) return false;
    const text = Buffer.alloc(bytes);
    await file.read(text, 0, bytes, 8);
    const header = Header.safeParse(JSON.parse(text.toString('utf8')));
    if (!header.success) return false;
    const ends = Object.values(header.data).map(({ data_offsets }) => data_offsets?.[1] ?? 0);
    return size === 8 + bytes + Math.max(0, ...ends);
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/** torch saves a zip, whose directory is at the end. */
async function isWholeZip(path: string): Promise<boolean> {
  const { size } = await stat(path);
  const file = await openRegular(path);
  try {
    const tail = Buffer.alloc(Math.min(size, 1024));
    await file.read(tail, 0, tail.length, size - tail.length);
    return tail.includes(Buffer.from('PK\u0005\u0006', 'latin1'));
  } finally {
    await file.close();
  }
}
