export interface HostRun {
  /** Folder of the extension, built. */
  extension: string;
  /** Folder of an extension with scripted chat models. */
  provider: string;
  /** Path of the bundled suite. */
  tests: string;
  /** The folder to open. */
  workspace: string;
  /** For what VS Code keeps; removed afterwards. */
  home: string;
  /** Whether the folder is trusted. Desktop VS Code trusts it in any case. */
  trusted: boolean;
  env: NodeJS.ProcessEnv;
}
