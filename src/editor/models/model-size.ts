/**
 * Whether a model needs the prompts with worked examples, by the size in its name: models below two billion parameters rarely box an
 * answer without an example.
 */
export function soundsSmall(model: string): boolean {
  const size = /(?:^|[^a-z0-9.])(\d+(?:[.p_]\d+)?)\s?([mb])(?![a-z0-9])/i.exec(model);
  if (size === null) return false;
  const number = Number((size[1] ?? '').replace(/[p_]/, '.'));
  return (size[2] ?? '').toLowerCase() === 'm' ? true : number < 2;
}
