import { REVIEW_KEYS, type ReviewAction } from '../../protocol/keys.ts';

/** The first key of a review action, in upper case as on the keyboard. */
const keyOf = (action: ReviewAction): string =>
  REVIEW_KEYS.find((entry) => entry.action === action)?.keys[0].toUpperCase() ?? '';

interface WalkthroughStep {
  id: string;
  title: string;
  /** Markdown; a line that is only a command link becomes a button. */
  description: string;
  /** A Markdown file in media/walkthrough, or a picture there with its alternative text. */
  media: string | { picture: { dark: string; light: string }; alt: string };
  /** Each of these completes the step. */
  completionEvents: readonly string[];
}

export const WALKTHROUGH = {
  id: 'start',
  title: 'Get Started with Longhand',
  description: 'From math problems to reviewed chains of thought, a training set and a trained model.',
  steps: [
    {
      id: 'sample',
      title: 'Open a dataset',
      description:
        'A dataset is a folder of plain files. The sample has problems, and chains of thought that you can read before you run a model.\n[Open Sample Dataset](command:longhand.openSample)\nTo start with your own data, [create a dataset](command:longhand.createDataset).',
      media: 'dataset.md',
      completionEvents: ['onContext:longhand.dataset == open'],
    },
    {
      id: 'review',
      title: 'Read and review chains',
      description: `Press ${keyOf('accept')} to accept a chain, ${keyOf('reject')} to reject it, ${keyOf('undo')} to undo, and ${keyOf('help')} to see all keys. Longhand grades each answer and marks behaviours such as verification and backtracking.\n[Open Review Queue](command:longhand.openReviewQueue)`,
      media: {
        picture: { dark: 'reader-dark.png', light: 'reader-light.png' },
        alt: 'The review queue: facts about a chain on the left, its text with marked behaviours in the middle, buttons for decisions below.',
      },
      completionEvents: ['onContext:longhand.reviewActive'],
    },
    {
      id: 'import',
      title: 'Import your problems',
      description:
        'Import JSONL, JSON, CSV or Parquet files, or a set from the Hugging Face Hub. You see the columns and the first rows before anything is written.\n[Import Problems…](command:longhand.importProblems)\nIf you already have chains, [import traces](command:longhand.importTraces).',
      media: 'import.md',
      completionEvents: ['onContext:longhand.problems == some'],
    },
    {
      id: 'model',
      title: 'Select a model',
      description:
        'Use any server with an OpenAI-compatible API, or the small starter model that Longhand installs and runs on this machine.\n[Manage Models…](command:longhand.manageModels)',
      media: 'model.md',
      completionEvents: ['onContext:longhand.model == some'],
    },
    {
      id: 'generate',
      title: 'Generate chains',
      description:
        'You see the number of requests and tokens before a round starts. A round continues when you close the window, and a resumed round repeats no finished call.\n[Generate Chains…](command:longhand.generateChains)',
      media: 'generate.md',
      completionEvents: ['onContext:longhand.generated == some'],
    },
    {
      id: 'export',
      title: 'Export a training set',
      description:
        'The chains that you accepted become rows with a loss mask, a manifest and a dataset card.\n[Export Training Set…](command:longhand.exportTrainingSet)',
      media: 'export.md',
      completionEvents: ['onContext:longhand.exports == some'],
    },
    {
      id: 'train',
      title: 'Train a model',
      description:
        'Train on this machine, on a Ray or Slurm cluster, or at a hosted service. Longhand installs the trainer when you need it.\n[Train…](command:longhand.train)',
      media: 'train.md',
      completionEvents: ['onContext:longhand.trainings == some'],
    },
    {
      id: 'evaluate',
      title: 'Evaluate the model',
      description:
        'Measure the base model and the trained model on the same problems, and compare them.\n[Evaluate…](command:longhand.evaluate)\nWith two results, [compare them](command:longhand.compare).',
      media: 'evaluate.md',
      completionEvents: ['onContext:longhand.evaluations == some'],
    },
  ],
} as const satisfies { id: string; title: string; description: string; steps: readonly WalkthroughStep[] };
