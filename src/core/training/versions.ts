/** Compares versions of Python packages by their numbers: `2.13.0+cpu` is 2.13.0, `1.0rc1` is 1.0. */
export function isOlder(version: string, than: string): boolean {
  const a = numbers(version);
  const b = numbers(than);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function numbers(version: string): number[] {
  const [release = ''] = /^\d+(?:\.\d+)*/.exec(version) ?? [];
  return release
    .split('.')
    .filter((part) => part !== '')
    .map(Number);
}
