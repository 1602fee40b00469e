interface WalkthroughStep {
  id: string;
  title: string;
  /** Markdown; a line that is only a command link becomes a button. */
  description: string;
  /** File in media/walkthrough. */
  media: string;
  completionEvents: readonly string[];
}

export const WALKTHROUGH = {
  id: 'start',
  title: 'From a problem to a training set',
  description: 'Make, read, curate and export long chains of thought.',
  steps: [
    {
      id: 'sample',
      title: 'Open the sample dataset',
      description:
        'A dataset is a folder of plain files. The sample holds problems from one-step arithmetic to contest level, and chains written by hand that are worth reading before any model has run.\n[Open Sample Dataset](command:longhand.openSample)\nOr begin with your own: [create a dataset](command:longhand.createDataset).',
      media: 'dataset.md',
      completionEvents: ['onCommand:longhand.openSample', 'onCommand:longhand.createDataset'],
    },
    {
      id: 'import',
      title: 'Bring your problems',
      description:
        'JSONL, JSON, CSV or Parquet, or a set on the Hugging Face hub. The columns are recognised and shown with the first rows before anything is written.\n[Import Problems…](command:longhand.importProblems)\nChains that you already have come in as [traces](command:longhand.importTraces).',
      media: 'import.md',
      completionEvents: ['onCommand:longhand.importProblems', 'onCommand:longhand.importTraces'],
    },
    {
      id: 'model',
      title: 'Select a model',
      description:
        'Any server that speaks the OpenAI protocol, on this machine or elsewhere, or the small starter model that Longhand installs and runs by itself.\n[Select Model…](command:longhand.selectModel)',
      media: 'model.md',
      completionEvents: ['onCommand:longhand.selectModel'],
    },
    {
      id: 'generate',
      title: 'Generate chains',
      description:
        'You see how many requests and tokens a round may take before it starts. It goes on when the window is closed, and nothing that was answered is asked twice.\n[Generate Chains…](command:longhand.generateChains)',
      media: 'generate.md',
      completionEvents: ['onCommand:longhand.generateChains'],
    },
    {
      id: 'review',
      title: 'Read, decide, export',
      description:
        'Accept with A, reject with R, take back with U; a question mark shows all keys. What you accept becomes the [training set](command:longhand.exportTrainingSet), on which a model is [trained](command:longhand.train).\n[Open Review Queue](command:longhand.openReviewQueue)',
      media: 'review.md',
      completionEvents: ['onCommand:longhand.openReviewQueue'],
    },
  ],
} as const satisfies { id: string; title: string; description: string; steps: readonly WalkthroughStep[] };
