/** Exit codes, as documented in --help: 69 and 78 are those of sysexits. */
export const exitCodes = { success: 0, failure: 1, usage: 2, unreachable: 69, config: 78 } as const;

/** Ends a command with a message for the operator and an exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
