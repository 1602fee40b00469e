import { describe, expect, it, vi } from 'vitest';

vi.mock('vscode', () => ({}));
const { chooseReviewer, gitUserName } = await import('../../../src/editor/review/reviewer.ts');

describe('the reviewer name', () => {
  it('is read from the [user] section of a Git configuration', () => {
    const config =
      '[core]\n\tname = not this\n[User]\n\temail = a@b\n\tname = "Ada \\"L\\"  K" ; why\n[user "x"]\n[alias]\nname=no';
    expect(gitUserName(config)).toBe('Ada "L"  K');
    expect(gitUserName('[user]\nname = First\nname = Second # last wins')).toBe('Second');
    expect(gitUserName('[user]\nemail = a@b')).toBeUndefined();
  });

  it('comes from the setting, else Git, else the account', () => {
    const git = ['[core]\n', '[user]\nname = Git Name'];
    expect(chooseReviewer(' Set ', git, 'me')).toBe('Set');
    expect(chooseReviewer('', git, 'me')).toBe('Git Name');
    expect(chooseReviewer('', [], 'me')).toBe('me');
    expect(chooseReviewer('', [], ' ')).toBe('reviewer');
  });
});
