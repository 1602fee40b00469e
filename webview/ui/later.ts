/** A function that calls `work` once, `ms` milliseconds after its last call. */
export function later(ms: number, work: () => void): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(work, ms);
  };
}
