/** How a command answers: for people, or as one JSON document. */
export interface Output {
  /** The command's result. */
  data(json: unknown, people: () => string[]): void
  /** Said on the way, to people only. */
  note(line: string): void
  /** The command did not do all it was asked to: exit code 1. */
  fail(): void
}

/** Where the command line writes. */
export interface Terminal {
  out(text: string): void
  setExitCode(code: number): void
}

/** Answers on a terminal. */
export const makeOutput = (terminal: Terminal, json: boolean): Output => ({
  data: (value, people) =>
    terminal.out(
      json
        ? `${JSON.stringify(value, undefined, 2)}\n`
        : people()
            .map((line) => `${line}\n`)
            .join(''),
    ),
  note: (line) => {
    if (!json) terminal.out(`${line}\n`)
  },
  fail: () => terminal.setExitCode(1),
})
