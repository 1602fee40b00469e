/** Frequent reasons for a rejection. */
export const REJECT_REASONS = [
  'mathematically wrong',
  'wrong or missing final answer',
  'right answer by luck',
  'incoherent or repetitive',
  'leaks or assumes the answer',
  'problem or gold is wrong',
] as const;
