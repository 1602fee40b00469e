/** Bits of a key that are sorted at once. */
const BITS = 16;

/** A number by position. */
export type Numbers = Float64Array | Uint32Array;

/**
 * Positions in the order of their keys; those without one, NaN, come last. Equal keys keep their order. A radix sort: a million doubles take a tenth of
 * the time of Array.sort with a comparison.
 * @param keys by position
 */
export function orderBy(positions: Uint32Array, keys: Numbers, descending: boolean): Uint32Array {
  const known = new Uint32Array(positions.length);
  const unknown = new Uint32Array(positions.length);
  let [last, others] = [0, 0];
  for (const position of positions) {
    if (Number.isNaN(keys[position])) unknown[others++] = position;
    else known[last++] = position;
  }
  const sorted = new Uint32Array(positions.length);
  sorted.set(sortKnown(known.subarray(0, last), keys, descending));
  sorted.set(unknown.subarray(0, others), last);
  return sorted;
}

function sortKnown(positions: Uint32Array, keys: Numbers, descending: boolean): Uint32Array {
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  const turned = descending ? 0xffffffff : 0;
  const [low, high] = [new Uint32Array(positions.length), new Uint32Array(positions.length)];
  for (let i = 0; i < positions.length; i++) {
    // Zero has two signs.
    double[0] = (keys[positions[i] ?? 0] ?? 0) + 0;
    const a = halves[0] ?? 0;
    const b = halves[1] ?? 0;
    const isNegative = b >>> 31 === 1;
    // The bits of doubles are in their order when the sign is turned, and those of negative ones wholly.
    low[i] = (isNegative ? ~a : a) ^ turned;
    high[i] = (isNegative ? ~b : b ^ 0x80000000) ^ turned;
  }
  let order = new Uint32Array(positions.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (const half of [low, high]) for (const shift of [0, BITS]) order = sortedBy(order, half, shift);
  return order.map((i) => positions[i] ?? 0);
}

/**
 * Sorts numbers of keys by some bits of the keys, from `shift` on. Those with the same bits keep their order.
 * @param order each number below the number of keys once
 */
export function sortedBy(
  order: Uint32Array<ArrayBuffer>,
  keys: Uint32Array,
  shift: number,
  bits = BITS,
): Uint32Array<ArrayBuffer> {
  const mask = (1 << bits) - 1;
  const starts = new Uint32Array(mask + 2);
  for (const key of keys) {
    const bucket = ((key >>> shift) & mask) + 1;
    starts[bucket] = (starts[bucket] ?? 0) + 1;
  }
  if (starts.includes(keys.length)) return order;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const sorted = new Uint32Array(order.length);
  for (const i of order) {
    const bucket = ((keys[i] ?? 0) >>> shift) & mask;
    const at = starts[bucket] ?? 0;
    sorted[at] = i;
    starts[bucket] = at + 1;
  }
  return sorted;
}
