import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { JOB_FOLDER } from '../../store/runs.ts';
import { openReadStream } from '../../system/regular-file.ts';
import { EngineError, type JobFile } from '../engine.ts';
import { checkSource } from '../files.ts';
import { type Answer, lastLine, type Shell } from './shell.ts';

/** Bytes of a log read in one call. */
const CHUNK = 1024 * 1024;

/** `job.json` of an attempt, one line, for `list`. */
export const SharedJob = z.object({
  version: z.literal(1),
  dataset: z.string(),
  runId: z.string().min(1),
  attempt: z.number().int().positive(),
  metadata: z.record(z.string(), z.string()),
});
export type SharedJob = z.infer<typeof SharedJob>;

/** The state of a job by the files of its attempt, also after Slurm has forgotten it. */
export interface Evidence {
  /** Slurm's numbers of the submitted job and of the one that ran; they differ only for a job submitted twice. */
  submitted?: number;
  claim?: number;
  exit?: number;
  stopped: boolean;
}

const REFUSE_LINKS = `refuse_link() { if [ -L "$1" ]; then echo "$1 is a symbolic link" >&2; exit 4; fi; }`;

/** $1 shared folder, $2 run, $3 attempt, $4 id of the dataset. */
const PREPARE = `${REFUSE_LINKS}
if [ ! -d "$1" ]; then echo "$1 does not exist" >&2; exit 3; fi
for folder in "$2" "$2/${JOB_FOLDER}" "$2/attempts" "$3"; do
  refuse_link "$folder"
  mkdir -p "$folder" || exit 3
done
refuse_link "$2/dataset"
(set -C; printf %s "$4" > "$2/dataset") 2>/dev/null
if [ "$(cat "$2/dataset")" != "$4" ]; then echo "$2 belongs to another dataset" >&2; exit 5; fi`;

/** $1 folder, $2 path in it, $3 bytes. A broken connection leaves no partial file. */
const RECEIVE = `${REFUSE_LINKS}
cd "$1" || exit 3
path=.
IFS=/; set -f
for name in $2; do path="$path/$name"; refuse_link "$path"; done
mkdir -p "$(dirname "$path")" || exit 3
cat > "$path.new.$$" || exit 3
if [ "$(wc -c < "$path.new.$$")" -ne "$3" ]; then rm -f "$path.new.$$"; echo "only a part of $2 arrived" >&2; exit 6; fi
mv -f "$path.new.$$" "$path"`;

/** $1 attempt. */
const EVIDENCE = `for name in submitted claim exit stopped; do
  printf '%s=' "$name"
  if [ -f "$1/$name" ]; then head -c 20 "$1/$name" | tr -d '\\n'; printf ' '; fi
  echo
done`;

/** $1 file, $2 first byte, counted from 1, $3 bytes. */
const READ = `if [ -f "$1" ]; then tail -c "+$2" "$1" | head -c "$3"; fi`;

/** $1 shared folder. */
const LIST = `for file in "$1"/*/attempts/*/job.json; do
  if [ -f "$file" ]; then cat "$file"; echo; fi
done`;

/** The folder shared by login and compute nodes: `<run>/job`, `<run>/attempts/<n>`, as on this machine. */
export class SharedFolder {
  readonly #shell: Shell;
  readonly #root: string;
  readonly #dataset: { id: string; folder: string };

  constructor(shell: Shell, root: string, dataset: { id: string; folder: string }) {
    this.#shell = shell;
    this.#root = root.replace(/(?<=.)\/+$/, '');
    this.#dataset = dataset;
  }

  /** Working folder of the job. */
  job(runId: string): string {
    return `${this.#root}/${runId}/${JOB_FOLDER}`;
  }

  attempt(runId: string, attempt: number): string {
    return `${this.#root}/${runId}/attempts/${attempt}`;
  }

  /** A sentence when the folder can't be used. */
  async problem(signal: AbortSignal): Promise<string | undefined> {
    const script = 'if [ ! -d "$1" ]; then echo "does not exist"; elif [ ! -w "$1" ]; then echo "is not writable"; fi';
    const reason = lastLine(String((await this.#run(script, [this.#root], signal)).stdout));
    return reason === '' ? undefined : `The shared folder ${this.#root} ${reason} on ${this.#shell.place}.`;
  }

  /** Creates the folders of an attempt. */
  async prepare(runId: string, attempt: number, signal: AbortSignal): Promise<void> {
    const run = `${this.#root}/${runId}`;
    await this.#run(PREPARE, [this.#root, run, this.attempt(runId, attempt), this.#dataset.id], signal);
  }

  async send(folder: string, file: JobFile, signal: AbortSignal): Promise<void> {
    if ('content' in file) {
      const bytes = Buffer.from(file.content, 'utf8');
      return this.#receive(folder, file.path, Readable.from([bytes]), bytes.length, signal);
    }
    const source = await checkSource(this.#dataset.folder, file.source);
    await this.#receive(folder, file.path, await openReadStream(source), (await stat(source)).size, signal);
  }

  async #receive(folder: string, path: string, input: Readable, size: number, signal: AbortSignal): Promise<void> {
    await this.#run(RECEIVE, [folder, path, String(size)], signal, input);
  }

  async evidence(attempt: string, signal: AbortSignal): Promise<Evidence> {
    const { stdout } = await this.#run(EVIDENCE, [attempt], signal);
    const found = new Map(
      String(stdout)
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const number = (name: string): Record<string, number> => {
      const text = found.get(name)?.trim() ?? '';
      return /^\d+$/.test(text) ? { [name]: Number(text) } : {};
    };
    return { ...number('submitted'), ...number('claim'), ...number('exit'), stopped: found.get('stopped') !== '' };
  }

  async read(path: string, position: number, signal: AbortSignal): Promise<Buffer> {
    return (await this.#run(READ, [path, String(position + 1), String(CHUNK)], signal)).stdout;
  }

  async list(signal: AbortSignal): Promise<SharedJob[]> {
    const lines = String((await this.#run(LIST, [this.#root], signal)).stdout).split('\n');
    return lines.flatMap((line) => parseJob(line)).filter(({ dataset }) => dataset === this.#dataset.id);
  }

  async #run(script: string, args: readonly string[], signal: AbortSignal, input?: Readable): Promise<Answer> {
    const answer = await this.#shell.script(script, args, { signal, ...defined({ input }) });
    if (answer.code === 0) return answer;
    const message = `On ${this.#shell.place}: ${lastLine(answer.stderr) || `a script ended with code ${answer.code}`}.`;
    const advice = ADVICE[answer.code] ?? 'Check the shared folder there: free space, quota, permissions.';
    throw new EngineError(answer.code === 6 ? 'unreachable' : 'unusable', message, advice);
  }
}

/** By the exit codes of the scripts above. */
const ADVICE: Record<number, string> = {
  4: 'Replace it with the folder or file itself.',
  5: 'Give each dataset a shared folder of its own.',
  6: 'Try again.',
};

function parseJob(line: string): SharedJob[] {
  try {
    const { data } = SharedJob.safeParse(JSON.parse(line));
    return data ? [data] : [];
  } catch {
    return [];
  }
}
