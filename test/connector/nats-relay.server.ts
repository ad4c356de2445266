import { startNats } from '#test/servers/nats.ts'
import { relaySuite } from './relay-suite.ts'

relaySuite('NATS', startNats)
