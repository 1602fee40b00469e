import { findStarter, STARTER_MODELS, type StarterModel } from './catalogue.ts';

export type StarterErrorKind =
  /** No such model, or no runtime for this platform. */
  | 'unsupported'
  /** npm or Python with pip is missing. */
  | 'missing-tool'
  | 'network'
  /** What came is not what was asked for. */
  | 'damaged'
  /** A tool failed for another reason, or the disk did. */
  | 'install'
  /** The server did not come up. */
  | 'start'
  | 'cancelled';

/** The starter model could not be installed or started; `advice` says what to do. */
export class StarterError extends Error {
  override readonly name = 'StarterError';
  readonly kind: StarterErrorKind;
  readonly advice: string;

  constructor(kind: StarterErrorKind, message: string, advice: string) {
    super(message);
    this.kind = kind;
    this.advice = advice;
  }
}

export function cancelledStart(): StarterError {
  return new StarterError(
    'cancelled',
    'It was cancelled.',
    'What was downloaded is kept: start it again when you want it.',
  );
}

/** @throws StarterError `unsupported` when the catalogue has no such model. */
export function starterModel(id: string): StarterModel {
  const model = findStarter(id);
  if (model) return model;
  const names = STARTER_MODELS.map((one) => one.id).join(', ');
  throw new StarterError('unsupported', `There is no starter model ${JSON.stringify(id)}.`, `Choose one of: ${names}.`);
}
