export { endpointFromEnvironment, HubError } from './endpoint.ts';
export { fetchSet, type HubOptions, type HubSet } from './set.ts';
