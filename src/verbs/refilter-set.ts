import { UsageError } from './usage-error.ts';

/** `minLength=40,off=equations,language`: what has no name belongs to the list before it. */
export function finishRefilter(given: Record<string, unknown>): void {
  if (typeof given.set !== 'string') return;
  const text = given.set.trim();
  given.set = text.startsWith('{') ? readJson(text) : readThresholds(text);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('--set is not valid JSON.', 'refilter');
  }
}

function readThresholds(text: string): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  let list: string[] | undefined;
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(part) ?? [];
    if (name === 'off') set.off = list = value ? [value] : [];
    else if (name !== undefined) {
      list = undefined;
      set[name] = value === '' ? Number.NaN : Number(value);
      if (Number.isNaN(set[name])) throw new UsageError(`--set: ${name} wants a number.`, 'refilter');
    } else if (list && part !== '') list.push(part);
    else throw new UsageError(`--set: “${part}” is not NAME=VALUE.`, 'refilter');
  }
  return set;
}
