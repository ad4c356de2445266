import { join } from 'node:path'
import { pino } from 'pino'
import { createDeployments, openDeployed } from '#runtime/deployments/deployments.ts'
import { startGateway } from '#runtime/gateway/server.ts'
import { projectRoot } from '#runtime/project.ts'
import { createReplicaPools } from '#runtime/replicas/pools.ts'
import { environmentOf, execTimeoutOf } from '#runtime/up/function-settings.ts'
import { openStack } from '#runtime/up/stack-file.ts'
import { readSecret } from '#shared/config.ts'
import { parseDuration } from '#shared/contracts/duration.ts'
import { noOperator, noRestApi } from '#test/gateway/fixture.ts'

/** What the gateway's process is told, as JSON in its one argument. */
export interface GatewayProgram {
  port: number
  stack: string
  databaseUrl: string
  secrets: string
  socketDir: string
  logDir: string
  /** Settings of all functions. */
  settings: Record<string, string>
}

// The gateway and its replicas as a process of their own, so that they can be killed apart from the connector.
const options = JSON.parse(process.argv[2] ?? '') as GatewayProgram
const root = projectRoot()
const log = pino()
const functions = openStack(root, options.stack, {})
const execTimeoutMs = parseDuration(options.settings.exec_timeout ?? '10s')
const pools = createReplicaPools({
  distDir: join(root, 'dist'),
  env: environmentOf({ ...options, clock: 'real', version: 'faults' }),
  socketDir: options.socketDir,
  logDir: options.logDir,
  idleMs: 60_000,
  execTimeoutMs: (definition) => execTimeoutOf(definition, execTimeoutMs),
  onChange: (message) => log.info(message),
})
const deployments = createDeployments({
  ...{ deployed: await openDeployed(join(options.logDir, 'deployments.json'), functions), pools, check: () => {} },
  onError: (error) => log.error({ err: error }, 'a deployment could not be completed'),
})
const gateway = await startGateway({
  ...{ host: '127.0.0.1', port: options.port, deployments, pools, auth: { mode: 'dev' }, version: 'faults' },
  connectorKey: readSecret(options.secrets, 'connector-key') ?? '',
  operator: noOperator,
  ...noRestApi,
  onError: (error) => log.error({ err: error }, 'the gateway failed'),
  onLockout: () => {},
})
process.on('SIGTERM', async () => {
  await pools.stop()
  await gateway.close(1_000)
  process.exit(0)
})
// Nothing is left behind by a run that was ended itself.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
