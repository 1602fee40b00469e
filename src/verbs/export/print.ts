import { formatBytes, formatCount, plural } from '../../core/text/format.ts';
import { endpointFromEnvironment } from '../../hub/endpoint.ts';
import type { VerbResult } from '../index.ts';

/** Host of the hub that an upload goes to. @throws HubError for an invalid `HF_ENDPOINT`. */
export const hubHost = (env: NodeJS.ProcessEnv): string => endpointFromEnvironment(env).host;

/** What would be published: where, which files, and what was found in them. */
export function planLines(plan: VerbResult<'publish'>): string[] {
  const { repo, host, visibility, licence, rows, files, others, sensitive, sensitiveCount } = plan;
  const where = `${repo} on ${host}: ${plan.exists ? 'exists' : 'new'}, ${visibility}`;
  return [
    `${where}; licence ${licence}; ${plural(rows, 'row')}.`,
    ...files.map(({ path, bytes, state }) => `  ${state.padEnd(7)}  ${path}  ${formatBytes(bytes)}`),
    ...(others === 0 ? [] : [`${plural(others, 'other file')} of the repository ${others === 1 ? 'stays' : 'stay'}.`]),
    ...plan.statements,
    ...(sensitiveCount === 0 ? [] : [`Keys or personal data in ${plural(sensitiveCount, 'place')}:`]),
    ...sensitive.map(({ file, line, reason, excerpt }) => `  ${file}:${line}  ${reason} ${excerpt}`),
    ...(sensitiveCount > sensitive.length ? [`  and ${formatCount(sensitiveCount - sensitive.length)} more`] : []),
  ];
}
