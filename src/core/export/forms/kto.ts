import { z } from 'zod';
import type { ChainForm } from './form.ts';
import { ABOUT_CHAIN, ChainFacts, factsOf, Message } from './parts.ts';

/** Rows of TRL's KTOTrainer (Ethayarajh et al. 2024, arXiv 2402.01306): a chain is desirable or not. */
export const kto: ChainForm = {
  id: 'kto',
  title: 'KTO',
  summary: 'One chain a row, with the label true for selected chains and false for rejected or wrong ones.',
  about: ABOUT_CHAIN,
  unit: 'chain',
  takes: 'labelled',
  mask: 'none',
  files: [
    {
      name: 'train.kto.jsonl',
      config: 'kto',
      holds: '`prompt` and `completion`, each a list of messages, and `label`',
      row: ChainFacts.extend({ prompt: z.array(Message), completion: z.array(Message), label: z.boolean() }),
    },
  ],
  rows: (chain, { label }) => {
    // Trainers end each message. An end that is not desirable may be there.
    if (label && chain.unended) return [undefined];
    const { prompt, completion } = chain.promptCompletion;
    return [{ prompt, completion, label, ...factsOf(chain) }];
  },
};
