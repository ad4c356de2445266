import type { Logger } from 'pino'
import type { Connector } from '../connector/connector.ts'
import type { FunctionSpec } from '../connector/types.ts'
import type { Deployments } from '../deployments/types.ts'

/** Lets the connector deliver to what takes calls now: by its new wiring, and at once where it was stopped before. */
export const followDeployments = (
  deployments: Pick<Deployments, 'onChange'>,
  connector: Pick<Connector, 'serve' | 'resume'>,
  specs: () => FunctionSpec[],
  log: Logger,
): void => {
  const serve = async (key?: string): Promise<void> => {
    try {
      await connector.serve(specs())
      // What was stopped may have been mended by the new one.
      if (key !== undefined) connector.resume(key)
    } catch (error) {
      log.error({ alarm: 'functions_left_out', err: error }, 'the connector goes on with the functions it had')
    }
  }
  deployments.onChange(({ key, kind }) => {
    if (kind === 'serving' || kind === 'removed') void serve(key)
  })
  // What has changed since the connector was started.
  void serve()
}
