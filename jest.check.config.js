import config from './jest.config.js'

/** The tests of `npm run check`: they look at the code and the build, and need no server. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/*.check.ts'],
  globalSetup: undefined,
  globalTeardown: undefined,
}
