import type { SecretView } from '../secrets/view.ts'
import type { StackFunction } from '../stack/types.ts'

/** What every program on this machine may know. */
const OF_THE_MACHINE = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ']

/** What is known of this machine and of all functions. */
export interface ProgramSettings {
  /** The environment of the runtime. */
  environment: Record<string, string | undefined>
  secrets: SecretView
  execTimeoutMs: number
}

/** The environment of a program that is no function of Junction's: nothing of what Junction lives by is in it. */
export const programEnvironmentOf = (
  definition: StackFunction,
  command: string,
  { environment, secrets, execTimeoutMs }: ProgramSettings,
): Record<string, string> => ({
  ...Object.fromEntries(
    OF_THE_MACHINE.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value] as const]
    }),
  ),
  OPENFAAS_NAME: definition.name,
  OPENFAAS_NAMESPACE: definition.namespace,
  OPENFAAS_SECRETS_DIR: secrets(definition),
  exec_timeout: `${execTimeoutMs}ms`,
  fprocess: command,
})
