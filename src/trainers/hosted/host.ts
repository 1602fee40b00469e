import { createHash } from 'node:crypto';
import { z } from 'zod';
import { baseURLProblem } from '../../core/models/base-url.ts';
import { parseJson } from '../../core/text/json.ts';
import type { HostedReport } from '../../core/training/hosted.ts';
import type { StoredRun } from '../../store/runs.ts';
import type { Api } from './http.ts';

const HOST_NAMES = ['together', 'fireworks', 'openai'] as const;

/** `hosted.json`: the request to a host. */
export const HostedConfig = z.object({
  host: z.enum(HOST_NAMES),
  baseURL: z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || !baseURLProblem(new URL(url)), {
    error: 'the address must not contain the key',
  }),
  /** For Fireworks; when absent, the only account of the key. */
  account: z.string().min(1).nullish(),
  /** Sent unchanged, with the file and the unique name of this run's job. */
  job: z.record(z.string(), z.unknown()),
  /** Seconds between two polls of the job. */
  pollSeconds: z.number().min(1).max(3600).default(30),
  /** Whether the trained model becomes the dataset's fine-tuned model. */
  setFineTuned: z.boolean().default(true),
});
export type HostedConfig = z.infer<typeof HostedConfig>;

/** The result of a search for a run's job. */
export interface JobSearch {
  id?: string;
  /** Whether this host shows the names of jobs, so that a missing name means no job, apart from delays of its list. */
  showsNames: boolean;
}

export interface HostedFile {
  path: string;
  name: string;
  bytes: number;
  rows: number;
}

/** One provider. Methods do not retry (see hosted/run.ts) and throw HostedError. */
export interface Host {
  /** Most bytes of a file in one request. */
  readonly largestFile: number;
  /** Base URL of the trained model, up to and including `/v1`. */
  readonly inferenceURL: string;
  /** The id of a complete file with this name and length that was sent before. */
  findFile(file: HostedFile): Promise<string | undefined>;
  /** Its id. */
  upload(file: HostedFile): Promise<string>;
  /** Whether a job may use the file now. */
  isReady(fileId: string): Promise<boolean>;
  findJob(name: string): Promise<JobSearch>;
  /** Makes the job; its id. @throws HostedError `unclear` where it was made, and the answer can't be read; one that is not `undone` where it perhaps was. */
  create(name: string, fileId: string): Promise<string>;
  look(jobId: string): Promise<HostedReport>;
  cancel(jobId: string): Promise<void>;
}

export type MakeHost = (config: HostedConfig, api: Api) => Promise<Host> | Host;

/** Parses the configuration of a hosted training; a string describes the problem. */
export function readHostedConfig(text: string): HostedConfig | string {
  const value = parseJson(text);
  if (value === undefined) return 'is not valid JSON';
  const { data, error } = HostedConfig.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  return `is not valid: ${issue?.path.join('.')}, ${issue?.message}`;
}

/** The address in the text of a `hosted.json`; undefined for an invalid one. */
export function hostedBaseURL(config: string): string | undefined {
  const read = readHostedConfig(config);
  return typeof read === 'string' ? undefined : read.baseURL;
}

/** The names of a run at its host, by which it is found again. */
export interface HostedNames {
  /** Name of the file; the same rows have the same name in all runs. */
  file: string;
  /** Name of this run's job: lower-case Latin letters, digits and hyphens, at most 63. */
  job: string;
}

/** Made only from constant facts of a run, so that its job is found even without the journal. */
export function hostedNames({ record }: StoredRun, file: HostedFile): HostedNames {
  const mark = createHash('sha256')
    .update([record.id, record.createdAt, file.name].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const name = record.id
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return { file: file.name, job: ['lh', name, mark].filter((part) => part !== '').join('-') };
}

/** Whether a text is the name of a job of some run, so the host shows names. */
export function isJobName(text: unknown): boolean {
  return typeof text === 'string' && /^lh-(?:[a-z0-9-]+-)?[0-9a-f]{12}$/.test(text);
}
