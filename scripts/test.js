import { availableParallelism } from 'node:os'
import { jest } from './prepare.js'

// Most tests wait for processes of their own: on two cores, two at a time are faster than the one jest would take.
jest(`--maxWorkers=${Math.max(2, availableParallelism() - 1)}`, ...process.argv.slice(2))
