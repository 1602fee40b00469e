import { workerData } from 'node:worker_threads';
import { serve } from '../../grading/serve.ts';
import { PlacedChains } from '../../store/chain-reader.ts';
import { type ChainToWrite, type MadeAs, type MadeRows, makeRows, memoryOf } from './chain-rows.ts';

/** `workerData` of a thread that makes rows. */
export interface RowWorkerData extends MadeAs {
  /** Of the dataset. */
  folder: string;
}

const data: RowWorkerData = workerData;
const reader = new PlacedChains(data.folder);
serve<ChainToWrite[], MadeRows>((chains) => makeRows(chains, reader, data), memoryOf);
