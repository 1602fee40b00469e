/** About `count` round numbers from `low` to `high`, with steps of 1, 2 or 5 times a power of ten; the ends may lie just outside. */
export function ticks(low: number, high: number, count: number): number[] {
  const step = tickStep(high - low, count);
  const from = Math.floor(low / step + 1e-9);
  const to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(1, to - from + 1) }, (_, i) => Number(((from + i) * step).toPrecision(12)));
}

function tickStep(span: number, count: number): number {
  if (!(span > 0) || !Number.isFinite(span)) return 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((one) => one * power >= rough * 0.999) ?? 10;
  return factor * power;
}
