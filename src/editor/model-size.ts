/**
 * Whether a model's name says that it is small enough to need the prompts with worked examples: below two billion parameters, where
 * models rarely box an answer without having seen it done.
 */
export function soundsSmall(model: string): boolean {
  const size = /(?:^|[^a-z0-9.])(\d+(?:[.p_]\d+)?)\s?([mb])(?![a-z0-9])/i.exec(model);
  if (size === null) return false;
  const number = Number((size[1] ?? '').replace(/[p_]/, '.'));
  return (size[2] ?? '').toLowerCase() === 'm' ? true : number < 2;
}
