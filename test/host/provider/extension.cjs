// SCRIPTED chat models: they say what is written here. They stand for the models that other extensions lend to VS Code.
const vscode = require('vscode');

const model = (id, name) => ({
  id,
  name,
  family: 'scripted',
  version: '1',
  maxInputTokens: 4096,
  maxOutputTokens: 1024,
  capabilities: {},
});

/** What was asked, for the suite to look at. */
const heard = [];

const provider = {
  provideLanguageModelChatInformation: () => [model('willing', 'Willing'), model('blocked', 'Blocked')],
  async provideLanguageModelChatResponse({ id }, messages, options, progress) {
    heard.push({ id, messages: messages.length, modelOptions: options.modelOptions ?? {} });
    if (id === 'blocked') throw vscode.LanguageModelError.Blocked('the quota of today is used up');
    progress.report(new vscode.LanguageModelTextPart('<think>It must be one.</think>'));
    progress.report(new vscode.LanguageModelTextPart('The answer is \\boxed{1}.'));
  },
  provideTokenCount: async (_model, text) =>
    Math.ceil((typeof text === 'string' ? text : JSON.stringify(text.content)).length / 4),
};

exports.activate = (context) => {
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider('longhand-scripted', provider));
  return { heard };
};
