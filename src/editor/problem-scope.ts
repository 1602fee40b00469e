/** What the index says of a problem's place among others. */
interface Scoped {
  level?: string | undefined;
  topic?: string | undefined;
}

/** Problems with one of the levels and one of the topics; an absent list leaves all in, as the `plan` verb does. */
export function queryProblems<P extends Scoped>(
  problems: Iterable<P>,
  scope: { levels?: readonly string[]; topics?: readonly string[] },
): P[] {
  const fits = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
    wanted === undefined || (value !== undefined && wanted.includes(value));
  return [...problems].filter(({ level, topic }) => fits(scope.levels, level) && fits(scope.topics, topic));
}
