import { jest } from './prepare.js'

// Every built function, started as its image would be, as Knative, OpenFaaS, a watchdog and Junction's connector call it:
// one line a row. `npm test` has the same rows among all others.
jest('--verbose', ...(process.argv.length > 2 ? process.argv.slice(2) : ['test/shapes/']))
