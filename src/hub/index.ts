export { type Endpoint, endpointFromEnvironment } from './endpoint.ts';
export { HubError, type HubProblem } from './errors.ts';
export { fetchSet, type HubOptions, type HubSet, MOST_BYTES } from './set.ts';
