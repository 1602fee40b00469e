export { endpointFromEnvironment, HubError } from './endpoint.ts';
export type { RequestOptions } from './request.ts';
export { fetchSet, type HubOptions, type HubSet } from './set.ts';
export { comparedFiles, type LocalFile, publishedSet, type UploadOptions, upload } from './upload.ts';
