import { alertRoutes } from './alert.ts'
import { type AsyncRoutes, asyncRoutes } from './async.ts'
import { type FunctionRoutes, functionRoutes } from './functions.ts'
import { type GatewayRoutes, gatewayRoutes } from './gateway.ts'
import { type LogRoutes, logRoutes } from './logs.ts'
import { type NamespaceRoutes, namespaceRoutes } from './namespaces.ts'
import { type Operator, operatorRoutes } from './operator.ts'
import type { Route } from './route.ts'
import { type SecretRoutes, secretRoutes } from './secrets.ts'

/** What the routes of the platform answer from. */
export interface RouteSources
  extends GatewayRoutes,
    FunctionRoutes,
    NamespaceRoutes,
    SecretRoutes,
    LogRoutes,
    AsyncRoutes {
  pools: FunctionRoutes['pools']
  operator: Operator
}

/** Everything that is not a function, one group a file. */
export const allRoutes = (sources: RouteSources): Route[] => [
  ...gatewayRoutes(sources),
  ...functionRoutes(sources),
  ...namespaceRoutes(sources),
  ...secretRoutes(sources),
  ...logRoutes(sources),
  ...alertRoutes(sources),
  ...operatorRoutes(sources.operator),
  ...asyncRoutes(sources),
]
