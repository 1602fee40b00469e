import { z } from 'zod';
import { ProgressLine } from '../model/index.ts';

/** A number of JSON, or nothing: what is no finite number was not said. */
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

/** As Python writes numbers that JSON does not have. */
const NO_NUMBER = /:\s*(?:NaN|-?Infinity)(?=\s*[,}])/g;
const NO_LOSS = /"loss":\s*(?:NaN|-?Infinity)\s*[,}]/;

/** What a training says of itself whose loss is no number: nothing that comes after it is worth anything. */
function diverged(at: { step: number }): ProgressLine | undefined {
  return made({ event: 'error', ...at, message: `The loss is no number any more at step ${at.step}.` });
}

/** A line of `trainer_log.jsonl` as LLaMA-Factory writes it; its last one, which sums up and has no loss, is none. */
export function parseLlamaFactoryLine(line: string): ProgressLine | undefined {
  const said = readObject(line, LlamaFactoryLine);
  if (said?.current_steps === undefined) return undefined;
  const { current_steps, total_steps, loss, eval_loss, lr, epoch, total_tokens } = said;
  const at = { step: current_steps, total: total_steps, epoch };
  if (NO_LOSS.test(line)) return diverged(at);
  if (loss !== undefined) return made({ event: 'log', ...at, loss, lr, tokens: total_tokens });
  return eval_loss === undefined ? undefined : made({ event: 'eval', ...at, loss: eval_loss });
}

/** A line of `logging.jsonl` as ms-swift writes it. Its last one names the folder of the trained model. */
export function parseSwiftLine(line: string): ProgressLine | undefined {
  const said = readObject(line, SwiftLine);
  if (!said) return undefined;
  if (said.last_model_checkpoint !== undefined) return made({ event: 'end', checkpoint: said.last_model_checkpoint });
  const [, step, total] = /^(\d{1,9})\/(\d{1,9})$/.exec(said['global_step/max_steps'] ?? '') ?? [];
  if (step === undefined) return undefined;
  const at = { step: Number(step), total: Number(total), epoch: said.epoch };
  const { loss, eval_loss, learning_rate: lr, grad_norm: gradNorm } = said;
  if (NO_LOSS.test(line)) return diverged(at);
  if (loss !== undefined) return made({ event: 'log', ...at, loss, lr, gradNorm });
  return eval_loss === undefined ? undefined : made({ event: 'eval', ...at, loss: eval_loss });
}

/** Under which keys a JSONL file of somebody's own program tells its numbers; a key may reach into objects by dots. */
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

/** A line of such a file; undefined without a step and at least one other number. Numbers that are written as text count. */
export function parseMappedLine(line: string, keys: ProgressKeys): ProgressLine | undefined {
  const said = readObject(line, z.record(z.string(), z.unknown()));
  if (!said) return undefined;
  const found = Object.fromEntries(
    Object.entries(keys).flatMap(([name, key]) => {
      const value = key === undefined ? undefined : numberOf(reach(said, key));
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

/** A finite number, also one that stands as text, with a sign and an exponent; nothing else that `Number` would take. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value.trim())) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * Puts a `begin` wherever the steps go back: files of trainers tell of no beginnings, and a resumed training says again what it had said after its
 * checkpoint. Its step is the last one said before that is not said again.
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

/** Through the schema: a step that is no whole number is no step, and the line none. */
function made(line: Record<string, unknown>): ProgressLine | undefined {
  return ProgressLine.safeParse(Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined)))
    .data;
}
