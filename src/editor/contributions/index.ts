export {
  COMMANDS,
  type CommandId,
  type CommandSpec,
  commandSpec,
  type ReviewCommandId,
  reviewCommandId,
} from './commands.ts';
export { CONTEXT_KEYS, type ContextKey, type ContextValues } from './contexts.ts';
export { SETTINGS, type SettingId, type SettingValue } from './settings.ts';
export { LOSS_VIEW, REVIEW_VIEW, VIEWS, type ViewId } from './views.ts';
export { WALKTHROUGH } from './walkthrough.ts';
