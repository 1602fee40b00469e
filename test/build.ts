import { ensureBuilt } from '../scripts/lib/build.ts';

/** Tests that start the command line or a worker thread run the bundles, as users do. They are built only when a source changed. */
export default ensureBuilt;
