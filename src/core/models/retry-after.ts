/**
 * Milliseconds that a server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date; Infinity if too large. Undefined
 * if invalid. Callers wait at least their own back-off.
 * @param header The value of a header by its lower-case name. @param now Milliseconds since 1970.
 */
export function retryAfter(
  header: (name: string) => string | null | undefined,
  now: number = Date.now(),
): number | undefined {
  const milliseconds = Number.parseFloat(header('retry-after-ms') ?? '');
  if (milliseconds >= 0) return milliseconds;
  const after = (header('retry-after') ?? '').trim();
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000;
  // Date.parse accepts almost anything, even -1.
  const until = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(after) ? Date.parse(after) - now : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
