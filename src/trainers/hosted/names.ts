import { createHash } from 'node:crypto';
import type { StoredRun } from '../../store/runs.ts';
import type { HostedFile } from './host.ts';

/** The names by which a run is found again at its host, whatever became of this machine. */
export interface HostedNames {
  /** Of the file: the same rows have the same name, in whichever run. */
  file: string;
  /** Of the job: of this run alone. Letters of the Latin alphabet in lower case, digits and hyphens; at most 63. */
  job: string;
}

/** @see HostedNames. Made of what never changes of a run, so that its job is found even when the journal is lost. */
export function hostedNames({ record }: StoredRun, file: HostedFile): HostedNames {
  const mark = createHash('sha256')
    .update([record.id, record.createdAt, file.name].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const words = record.id
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return { file: file.name, job: ['lh', words, mark].filter((part) => part !== '').join('-') };
}

/** Whether a text of a host is the name of a job of some run: then the host shows such names. */
export function isJobName(text: unknown): boolean {
  return typeof text === 'string' && /^lh-(?:[a-z0-9-]+-)?[0-9a-f]{12}$/.test(text);
}
