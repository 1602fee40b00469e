import { capture } from '../../../scripts/lib/process.ts';
import { lastLine, pythonWith } from '../python/environment.ts';

const SCRIPT = `
import sys, time, duckdb
began = time.time()
duckdb.sql("set enable_progress_bar = false")
duckdb.sql("create table c as select id, problemId, verdict.outcome as outcome, passed, model, length(text) as size from read_json(?, format='newline_delimited', maximum_object_size=268435456, columns={'id': 'VARCHAR', 'problemId': 'VARCHAR', 'verdict': 'STRUCT(outcome VARCHAR)', 'passed': 'BOOLEAN', 'model': 'VARCHAR', 'text': 'VARCHAR'})", params=[sys.argv[1]])
read = time.time()
for column in ('outcome', 'passed', 'model'):
    duckdb.sql(f"select {column}, count(*) from c where outcome = 'incorrect' group by all").fetchall()
counted = time.time()
duckdb.sql("select id from c order by size").fetchall()
print(f"{read - began:.2f} {(counted - read) * 1000:.0f} {(time.time() - counted) * 1000:.0f}")
`;

/** What DuckDB takes to read the chains of a round, to count three facets with a filter and to sort, as a sentence. */
export async function countWithDuckDB(file: string): Promise<string> {
  const found = await pythonWith({ name: 'duckdb', version: '1.4.5', imported: 'duckdb' });
  if (typeof found === 'string') return `DuckDB: skipped, ${found}.`;
  const { code, stdout, stderr } = await capture(found.python, ['-c', SCRIPT, file], { limit: 300 });
  if (code !== 0) return `DuckDB: failed, ${lastLine(stderr)}.`;
  const [read, counted, sorted] = stdout.trim().split(' ');
  return `DuckDB: six members of all chains read in ${read} s; three facets counted in ${counted} ms; ids sorted by length in ${sorted} ms.`;
}
