/** Extensions of the files that an import or an evaluation reads; the content decides between JSON and JSONL. */
export const ROW_EXTENSIONS = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet'] as const;

/** Whether a name ends like a file of rows. */
export function isRowFile(name: string): boolean {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return name.includes('.') && ROW_EXTENSIONS.some((one) => one === extension);
}
