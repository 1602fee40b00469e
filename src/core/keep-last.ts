/**
 * A function that gives its last result again when it is called with the same arguments: rules that read one text in a row share what they find in it.
 * The result must not be changed.
 */
export function keepLast<Arguments extends readonly unknown[], Result>(
  of: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  let last: { args: Arguments; result: Result } | undefined;
  return (...args) => {
    if (last === undefined || args.some((one, i) => one !== last?.args[i])) last = { args, result: of(...args) };
    return last.result;
  };
}
