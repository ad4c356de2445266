import { startKafka } from '#test/servers/kafka.ts'
import { relaySuite } from './relay-suite.ts'

relaySuite('Kafka', startKafka)
