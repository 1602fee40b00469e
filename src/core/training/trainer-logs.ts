import { z } from 'zod';
import { defined } from '../defined.ts';
import { ProgressLine } from '../schemas/index.ts';
import { formatCount } from '../text/format.ts';

/** A number; undefined for anything else. */
const maybe = z.number().optional().catch(undefined);
const LlamaFactoryLine = z.object({
  current_steps: maybe,
  total_steps: maybe,
  loss: maybe,
  eval_loss: maybe,
  lr: maybe,
  epoch: maybe,
  total_tokens: maybe,
});
const SwiftLine = z.object({
  'global_step/max_steps': z.string().optional().catch(undefined),
  loss: maybe,
  eval_loss: maybe,
  learning_rate: maybe,
  grad_norm: maybe,
  epoch: maybe,
  last_model_checkpoint: z.string().optional().catch(undefined),
});

/** Python's numbers that JSON does not have. */
const NO_NUMBER = /:\s*(?:NaN|-?Infinity)(?=\s*[,}])/g;
const NO_LOSS = /"loss":\s*(?:NaN|-?Infinity)\s*[,}]/;

function diverged(at: { step: number }): ProgressLine | undefined {
  return made({ event: 'error', ...at, message: `The loss is not a number at step ${formatCount(at.step)}.` });
}

/** A line of LLaMA-Factory's `trainer_log.jsonl`; undefined for its summary, which has no loss. */
export function parseLlamaFactoryLine(line: string): ProgressLine | undefined {
  const found = readObject(line, LlamaFactoryLine);
  if (found?.current_steps === undefined) return undefined;
  const { current_steps, total_steps, loss, eval_loss, lr, epoch, total_tokens } = found;
  const at = { step: current_steps, total: total_steps, epoch };
  if (NO_LOSS.test(line)) return diverged(at);
  if (loss !== undefined) return made({ event: 'log', ...at, loss, lr, tokens: total_tokens });
  return eval_loss === undefined ? undefined : made({ event: 'eval', ...at, loss: eval_loss });
}

/** A line of ms-swift's `logging.jsonl`; the last one names the folder of the trained model. */
export function parseSwiftLine(line: string): ProgressLine | undefined {
  const found = readObject(line, SwiftLine);
  if (!found) return undefined;
  if (found.last_model_checkpoint !== undefined) return made({ event: 'end', checkpoint: found.last_model_checkpoint });
  const [, step, total] = /^(\d{1,9})\/(\d{1,9})$/.exec(found['global_step/max_steps'] ?? '') ?? [];
  if (step === undefined) return undefined;
  const at = { step: Number(step), total: Number(total), epoch: found.epoch };
  const { loss, eval_loss, learning_rate: lr, grad_norm: gradNorm } = found;
  if (NO_LOSS.test(line)) return diverged(at);
  if (loss !== undefined) return made({ event: 'log', ...at, loss, lr, gradNorm });
  return eval_loss === undefined ? undefined : made({ event: 'eval', ...at, loss: eval_loss });
}

/** Keys of the numbers in the JSONL file of a custom program; dots reach into objects. */
export const ProgressKeys = z.object({
  step: z.string().min(1),
  total: z.string().min(1).optional(),
  epoch: z.string().min(1).optional(),
  loss: z.string().min(1).optional(),
  lr: z.string().min(1).optional(),
  gradNorm: z.string().min(1).optional(),
  tokens: z.string().min(1).optional(),
});
export type ProgressKeys = z.infer<typeof ProgressKeys>;

/** A line of such a file; undefined without a step and another number. Numbers may be text. */
export function parseMappedLine(line: string, keys: ProgressKeys): ProgressLine | undefined {
  const object = readObject(line, z.record(z.string(), z.unknown()));
  if (!object) return undefined;
  const found = Object.fromEntries(
    Object.entries(keys).flatMap(([name, key]) => {
      const value = key === undefined ? undefined : numberOf(reach(object, key));
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (found.step === undefined || Object.keys(found).length < 2) return undefined;
  return made({ event: 'log', ...found });
}

function reach(value: Record<string, unknown>, key: string): unknown {
  if (Object.hasOwn(value, key)) return value[key];
  return key.split('.').reduce<unknown>((inner, part) => {
    const isObject = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part);
    return isObject ? (inner as Record<string, unknown>)[part] : undefined;
  }, value);
}

/** A finite number, also as text with sign and exponent, but not in other forms that `Number` accepts. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value.trim())) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * Inserts a `begin` wherever steps decrease, because trainers' files have none and a resumed training repeats the steps after its checkpoint.
 * Its step is the last earlier one that is not repeated.
 */
export function withBeginnings(lines: readonly ProgressLine[]): ProgressLine[] {
  const found: ProgressLine[] = [];
  let reached = -1;
  for (const line of lines) {
    if (line.event === 'log' && line.step !== undefined) {
      if (line.step <= reached) found.push({ event: 'begin', step: before(found, line.step) });
      reached = line.step;
    }
    found.push(line);
  }
  return found;
}

function before(lines: readonly ProgressLine[], step: number): number {
  return lines.reduce(
    (most, line) => (line.step !== undefined && line.step < step ? Math.max(most, line.step) : most),
    0,
  );
}

function readObject<T>(line: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line.replace(NO_NUMBER, ': null'))).data;
  } catch {
    return undefined;
  }
}

/** Undefined for an invalid line, such as one with a fractional step. */
function made(line: Record<string, unknown>): ProgressLine | undefined {
  return ProgressLine.safeParse(defined(line)).data;
}
