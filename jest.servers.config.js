import config from './jest.config.js'

/** The tests of `npm run test:servers`: the drivers on the real servers, each started by the test itself. */
export default {
  ...config,
  testMatch: ['<rootDir>/{shared,runtime,test}/**/*.server.ts', '<rootDir>/test/bus/postgres.test.ts'],
  // The first run gets the servers.
  testTimeout: 120_000,
}
