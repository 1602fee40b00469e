/** A GPU as `nvidia-smi` reports it. */
export interface Gpu {
  index: number;
  name: string;
  totalMiB: number;
  freeMiB: number;
  /** Percent. */
  busy: number;
}

/** Parses `--query-gpu=index,name,memory.total,memory.free,utilization.gpu --format=csv,noheader,nounits`; other lines are ignored. */
export function parseGpus(csv: string): Gpu[] {
  return csv.split('\n').flatMap((line) => {
    const [index, name, total, free, busy] = line.split(',').map((cell) => cell.trim());
    if (!/^\d+$/.test(index ?? '') || name === undefined) return [];
    // Unknown fields are [N/A].
    const number = (text: string | undefined): number => (/^\d+$/.test(text ?? '') ? Number(text) : 0);
    return [{ index: Number(index), name, totalMiB: number(total), freeMiB: number(free), busy: number(busy) }];
  });
}
