import { z } from 'zod';
import { baseURLProblem } from '../../core/model/base-url.ts';
import type { HostedReport } from '../../core/training/hosted.ts';
import type { Api } from './http.ts';

export const HOST_NAMES = ['together', 'fireworks', 'openai'] as const;

/** `hosted.json`: what is asked of which host. */
export const HostedConfig = z.object({
  host: z.enum(HOST_NAMES),
  baseURL: z.url({ protocol: /^https?$/ }).refine((url) => !URL.canParse(url) || !baseURLProblem(new URL(url)), {
    error: 'the key does not belong in the address',
  }),
  /** Of Fireworks; when absent, the only account that the key belongs to. */
  account: z.string().min(1).nullish(),
  /** Sent as it stands, with the file and a name that tells this run's job from all others. */
  job: z.record(z.string(), z.unknown()),
  /** Seconds between two looks at the job. */
  pollSeconds: z.number().min(1).max(3600).default(30),
  /** Whether the trained model becomes the fine-tuned endpoint of the dataset. */
  setFineTuned: z.boolean().default(true),
});
export type HostedConfig = z.infer<typeof HostedConfig>;

/** What a look for the job of a run tells. */
export interface JobSearch {
  id?: string;
  /** Whether this host shows the names of jobs at all: then one that it does not show is none, but for the delay of its list. */
  showsNames: boolean;
}

export interface HostedFile {
  path: string;
  name: string;
  bytes: number;
  rows: number;
}

/** What one host can do. Nothing here tries again: see hosted/run.ts. All throw HostedError. */
export interface Host {
  /** Bytes of the largest file it takes in one request. */
  readonly largestFile: number;
  /** Where the trained model answers requests: up to and including `/v1`. */
  readonly inferenceURL: string;
  /** The id of a whole file of that name and length that was sent before. */
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
