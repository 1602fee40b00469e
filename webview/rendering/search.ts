/** Index of the first item that fits, by binary search; the length of the list if none does. */
export function firstWhere<T>(list: readonly T[], fits: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item !== undefined && fits(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first item that fits, or else the last one. */
export function firstOrLast<T>(list: readonly T[], fits: (item: T) => boolean): T | undefined {
  return list[Math.min(firstWhere(list, fits), list.length - 1)];
}
