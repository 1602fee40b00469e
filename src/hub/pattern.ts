/**
 * Whether a path fits a pattern of a card: `*` and `?` stay within a folder, `**` does not. In time of path × pattern, whatever the pattern: it is a
 * stranger's.
 */
export function matches(path: string, pattern: string): boolean {
  if (pattern.length > 300) return false;
  const tokens = pattern.replace(/^\.?\//, '').match(/\*\*\/?|\*|\?|[^*?]/gs) ?? [];
  /** Places in the path that the tokens so far can have reached. */
  let reached = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reached) {
      if (token === '**' || token === '**/') {
        for (let to = at; to <= path.length; to++) {
          if (token === '**' || to === at || path[to - 1] === '/') next.add(to);
        }
      } else if (token === '*') {
        next.add(at);
        for (let to = at; to < path.length && path[to] !== '/'; to++) next.add(to + 1);
      } else if (token === '?' ? at < path.length && path[at] !== '/' : path[at] === token) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(path.length);
}
