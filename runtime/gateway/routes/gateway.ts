import type { Registry } from 'prom-client'
import type { Deployments } from '../../deployments/types.ts'
import { type Answer, READ, type Route } from './route.ts'

/** What the gateway says of itself from. */
export interface GatewayRoutes {
  deployments: Deployments
  registry: Registry
  version: string
}

/** What the gateway says of itself: where its page is, what it is, whether it is well, what it counted. */
export const gatewayRoutes = ({ deployments, registry, version }: GatewayRoutes): Route[] => [
  { methods: READ, pattern: /^\/$/, label: '/', answer: () => homeOf(deployments) },
  {
    methods: READ,
    pattern: /^\/system\/info$/,
    label: '/system/info',
    answer: () => ({
      status: 200,
      json: {
        provider: { provider: 'junction', orchestration: 'processes', version: { sha: '', release: version } },
        version: { sha: '', release: version },
        arch: process.arch,
      },
    }),
  },
  {
    methods: READ,
    pattern: /^\/healthz$/,
    label: undefined,
    answer: () => ({ status: 200, headers: { 'content-type': 'text/plain' }, text: 'OK' }),
  },
  {
    methods: READ,
    pattern: /^\/metrics$/,
    label: undefined,
    answer: async () => ({
      status: 200,
      headers: { 'content-type': registry.contentType },
      text: await registry.metrics(),
    }),
  },
]

/** The bare address of the gateway leads people to the page, where there is one. */
const homeOf = (deployments: Deployments): Answer =>
  deployments.get('city')
    ? { status: 302, headers: { location: '/function/city/' } }
    : { status: 404, problem: { status: 404, title: 'Not found', detail: 'nothing is at /', code: 'not_found' } }
